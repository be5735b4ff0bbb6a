"""A secret of a service is printed nowhere, in no format, once it is known."""

from __future__ import annotations

import io
import json

import pytest

from lastgood.cli.masking import Masks
from lastgood.cli.outside import Outside
from lastgood.cli.pages.refusal import Refusal
from lastgood.cli.report import REPORTS, report_for
from lastgood.errors import Rejected
from tests.cli.world import Clock, FakeDeployer

SECRET = 'top "secret"\nof two lines'


@pytest.mark.parametrize("output", REPORTS)
def test_a_secret_is_in_no_line_and_in_no_document(output: str) -> None:
    masks, out, err = Masks(), io.StringIO(), io.StringIO()
    report = report_for(
        Outside(out, err, None, {}, Clock(), FakeDeployer().connect), output=output, verbose=True, masks=masks
    )
    masks.hide([SECRET])
    page = Refusal(Rejected(f"the API says no: {SECRET}", hint=f"not {SECRET}"), 4)
    report.refuse(page.lines(), page)
    report.warn("it was of two lines")
    report.note('top "secret"')
    said = out.getvalue() + err.getvalue()
    assert "*****" in said
    assert [one for one in ("secret", "two lines") if one in said] == []


def test_a_document_stays_what_it_is() -> None:
    """A secret may be a number, a word of JSON or a key: only texts are changed."""
    masks = Masks()
    masks.hide(["1", "true", "a"])
    document = {"a": 1, "b": [True, "1 x", None], "c": {"a": "true"}}
    hidden = masks.document(document)
    assert json.loads(json.dumps(hidden)) == {"a": 1, "b": [True, "***** x", None], "c": {"a": "*****"}}


def test_nothing_is_hidden_before_anything_is_secret() -> None:
    masks = Masks()
    masks.hide([])
    assert (masks.text("a"), masks.document({"a": "b"})) == ("a", {"a": "b"})
