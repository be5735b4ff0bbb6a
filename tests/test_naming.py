"""A release is called so that its records and the labels of its pods can carry the name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastgood.drafting import draft
from lastgood.errors import SettingError
from lastgood.loading.checking import LABEL_VALUE, SUBDOMAIN
from lastgood.model.naming import is_release_name
from lastgood.model.request import Request
from tests.stories.cast import config
from tests.test_restoring import NOW


@given(st.text("ab1.-_A", min_size=0, max_size=70))
def test_a_name_is_both_a_dns_subdomain_and_a_label_value(name: str) -> None:
    both = SUBDOMAIN.fullmatch(name) and LABEL_VALUE.fullmatch(name) and len(name) <= 63
    assert is_release_name(name) == bool(both)


@pytest.mark.parametrize("name", ["", "Shop", "a" * 64, "a..b", "-a", "a-", "a_b", "a.-b"])
def test_a_release_with_another_name_is_refused_whatever_way_it_came(name: str) -> None:
    with pytest.raises(SettingError, match="cannot be the name of a release"):
        draft(Request(name, "prod", (config(),)), {}, NOW)
