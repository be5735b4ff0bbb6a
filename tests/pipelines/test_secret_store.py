"""Secrets are given in a file or in the environment, and no message holds one."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from lastgood.diffing import MASK
from lastgood.errors import InputError
from lastgood.pipelines.secret_store import Secrets, masker, variable_of
from tests.pipelines.shop import Shop, data_of, service_text

USES = """\
a: <+secrets.getValue("db-pass")>
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path).config(a="'{{ .Values.a }}'").put("/values.yaml", USES)


def test_a_secret_is_looked_for_in_the_file_and_then_in_the_environment() -> None:
    secrets = Secrets({"one": "1", "account.two": "2"}, {"LASTGOOD_SECRET_one": "x", "LASTGOOD_SECRET_db_pass": "3"})
    assert [secrets.value(name) for name in ("one", "account.two", "org.one", "account.db-pass", "two", "no")] == [
        "1",
        "2",
        "1",
        "3",
        None,
        None,
    ]
    assert variable_of("db-pass") == "LASTGOOD_SECRET_db_pass"


def test_a_secret_may_be_used_in_values_and_in_variables(shop: Shop) -> None:
    release = shop.load(service_text(values="[/values.yaml]"), secrets={"db-pass": "hunter2"})
    assert data_of(release) == {"a": "hunter2"}
    assert release.secrets == {"hunter2"}
    assert [one for one in release.origins if "hunter2" in one] == []
    assert f'dev: a = "{MASK}" from /values.yaml:1' in release.origins


def test_a_secret_that_is_not_given_is_told_with_what_to_do(shop: Shop) -> None:
    with pytest.raises(InputError) as caught:
        shop.load(service_text(values="[/values.yaml]"))
    assert str(caught.value).startswith('/values.yaml:1: a: <+secrets.getValue("db-pass")> is a secret that nothing')
    assert caught.value.hint == "give it in the environment, LASTGOOD_SECRET_db_pass, or in a file of secrets"


def test_an_error_about_a_secret_does_not_tell_it(shop: Shop) -> None:
    """A quantity that is none is told with its value, but not when that is secret."""
    shop.put("/app/config.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: '{{ .Values.a }}'}\n")
    with pytest.raises(InputError) as caught:
        shop.load(service_text(values="[/values.yaml]"), secrets={"db-pass": "Hunter 2!"})
    assert "Hunter" not in f"{caught.value} {caught.value.hint}"
    assert MASK in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("form", [str, lambda text: base64.b64encode(text.encode()).decode()])
def test_a_secret_is_masked_however_it_is_written(form: object) -> None:
    assert callable(form)
    assert masker(["top secret"])(f"it is {form('top secret')}.") == f"it is {MASK}."


def test_each_line_of_a_key_is_masked() -> None:
    mask = masker(["-----BEGIN\nabcdef\nab\n-----END\n"])
    assert mask("a log says abcdef and ab") == f"a log says {MASK} and ab"
    assert mask("-----BEGIN\nabcdef\nab\n-----END") == MASK
    assert mask(r'"-----BEGIN\nabcdef\nab\n-----END"') == f'"{MASK}"'


def test_a_short_secret_is_masked_as_a_word() -> None:
    assert masker(["1", "shop"])("1 of 10 in shop, shopping") == f"{MASK} of 10 in {MASK}, shopping"


def test_nothing_is_masked_where_there_is_no_secret() -> None:
    assert masker(["", " "])("a b") == "a b"
