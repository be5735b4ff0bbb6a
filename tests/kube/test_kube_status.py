"""The API's Status, and what comes instead of one."""

from lastgood.kube.calls import Answer
from lastgood.kube.status import status_of


def test_a_status_is_read_with_its_causes() -> None:
    body = b'{"kind":"Status","message":"m","reason":"Invalid","details":{"causes":[{"field":"a","message":"b"}]}}'
    read = status_of(Answer(422, body))
    assert (read.message, read.reason, [(one.field, one.message) for one in read.causes]) == (
        "m",
        "Invalid",
        [("a", "b")],
    )


def test_plain_text_is_the_message() -> None:
    assert status_of(Answer(404, b"404 page not found\n")).message == "404 page not found"


def test_a_page_for_people_is_not_repeated() -> None:
    assert status_of(Answer(502, b"<html><body>Bad gateway</body></html>")).message == "(an HTML page)"


def test_null_details_are_no_causes() -> None:
    assert status_of(Answer(500, b'{"kind":"Status","message":"m","details":null}')).causes == ()
