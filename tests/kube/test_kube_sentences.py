"""The API's sentences, as people get to see them."""

import pytest

from lastgood.kube.sentences import hint_for, sentence_of, without_values
from lastgood.model.resource import Ref

SECRET = Ref("", "Secret", "shop", "db")
CONFIG_MAP = Ref("", "ConfigMap", "shop", "app")


def test_causes_that_the_sentence_does_not_tell_are_added_once() -> None:
    causes = [("spec.replicas", "must be positive"), ("spec.replicas", "must be positive"), ("", "told already")]
    sentence = sentence_of("it is invalid, told already", causes, CONFIG_MAP)
    assert sentence == "it is invalid, told already; spec.replicas: must be positive"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            '.data.p: expected string, got &value.valueUnstructured{Value:"hunter2"}',
            ".data.p: expected string, got another type",
        ),
        ('data[x]: Invalid value: "hunter2": too short', "data[x]: Invalid value: (masked): too short"),
        (r'Invalid value: "hun\"ter2": no', "Invalid value: (masked): no"),
        ("Invalid value: hunter2: no", "Invalid value: (masked): no"),
    ],
)
def test_what_is_in_a_secret_is_never_repeated(said: str, shown: str) -> None:
    assert without_values(said) == shown
    assert sentence_of(said, (), SECRET) == shown


def test_of_other_kinds_the_values_are_shown() -> None:
    """They are what a person needs to find the mistake."""
    assert sentence_of('Invalid value: "x": no', (), CONFIG_MAP) == 'Invalid value: "x": no'


def test_a_hint_is_given_where_the_sentence_tells_what_to_do() -> None:
    assert "keep one of them" in hint_for('.env: duplicate entries for key [name="A"]')
    assert hint_for("something else") == ""
