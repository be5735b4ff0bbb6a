"""Kubeconfig files as kubectl reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lastgood.errors import SettingError
from lastgood.kube.kubeconfig import find_files, read_files


def write(path: Path, **sections: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sections))
    return path


def context(name: str, cluster: str = "c", user: str = "u", **more: str) -> dict[str, Any]:
    return {"name": name, "context": {"cluster": cluster, "user": user, **more}}


def cluster(name: str = "c", server: str = "https://one", **more: Any) -> dict[str, Any]:
    return {"name": name, "cluster": {"server": server, **more}}


def user(name: str = "u", **more: Any) -> dict[str, Any]:
    return {"name": name, "user": more}


# --- which files


def test_the_file_at_home_is_the_last_resort(tmp_path: Path) -> None:
    config = write(tmp_path / ".kube" / "config")
    assert (config,) == find_files(None, {"HOME": str(tmp_path)})


def test_the_environment_names_several_files_of_which_some_may_be_missing(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one"), write(tmp_path / "two")
    environ = {"HOME": str(tmp_path), "KUBECONFIG": f"{one}:{tmp_path / 'missing'}::{two}"}
    assert (one, two) == find_files(None, environ)


def test_a_file_that_was_asked_for_comes_before_all_and_has_to_exist(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert (missing,) == find_files(str(missing), {"KUBECONFIG": str(write(tmp_path / "one"))})
    with pytest.raises(SettingError, match="missing cannot be read: No such file"):
        read_files([missing])


def test_nothing_is_found_where_there_is_nothing(tmp_path: Path) -> None:
    assert find_files(None, {"HOME": str(tmp_path)}) == ()


# --- merging


def test_of_two_entries_with_one_name_the_first_counts(tmp_path: Path) -> None:
    one = write(tmp_path / "one", contexts=[context("a")], clusters=[cluster(server="https://first")])
    two = write(
        tmp_path / "two",
        **{"current-context": "a"},
        contexts=[context("a", cluster="other")],
        clusters=[cluster(server="https://second")],
        users=[user(token="t")],
    )
    picked = read_files([one, two]).pick(None)
    assert (picked.cluster["server"], picked.user) == ("https://first", {"token": "t"})


def test_paths_are_meant_from_the_file_that_names_them(tmp_path: Path) -> None:
    one = write(
        tmp_path / "a" / "one", contexts=[context("x")], clusters=[cluster(**{"certificate-authority": "ca.crt"})]
    )
    plugin = {"command": "./bin/login", "apiVersion": "v"}
    two = write(tmp_path / "b" / "two", users=[user(tokenFile="token", exec=plugin, **{"client-key": "/abs/key"})])
    picked = read_files([one, two]).pick("x")
    assert str(tmp_path / "a" / "ca.crt") == picked.cluster["certificate-authority"]
    assert str(tmp_path / "b" / "token") == picked.user["tokenFile"]
    assert picked.user["client-key"] == "/abs/key"
    assert str(tmp_path / "b" / "bin" / "login") == picked.user["exec"]["command"]


def test_a_plugin_without_a_path_is_looked_up_by_the_system(tmp_path: Path) -> None:
    file = write(tmp_path / "one", contexts=[context("x")], clusters=[cluster()], users=[user(exec={"command": "aws"})])
    assert read_files([file]).pick("x").user["exec"]["command"] == "aws"


# --- picking


def test_a_context_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    file = write(tmp_path / "one", contexts=[context("stage"), context("prod")], clusters=[cluster()])
    with pytest.raises(SettingError, match=f"there is no context live in {file}") as caught:
        read_files([file]).pick("live")
    assert caught.value.hint == "name one: the contexts are prod, stage"


def test_a_context_that_is_mistyped_is_guessed(tmp_path: Path) -> None:
    file = write(tmp_path / "one", contexts=[context("stage"), context("prod")], clusters=[cluster()])
    with pytest.raises(SettingError) as caught:
        read_files([file]).pick("stgae")
    assert caught.value.hint == "did you mean stage? the contexts are prod, stage"


def test_without_a_current_context_one_has_to_be_named(tmp_path: Path) -> None:
    file = write(tmp_path / "one", contexts=[context("stage")])
    with pytest.raises(SettingError, match="no context is current") as caught:
        read_files([file]).pick(None)
    assert "stage" in caught.value.hint


def test_of_very_many_contexts_some_are_named(tmp_path: Path) -> None:
    file = write(tmp_path / "one", contexts=[context(f"c{n:03}") for n in range(50)])
    with pytest.raises(SettingError) as caught:
        read_files([file]).pick("x")
    assert caught.value.hint.endswith("c019, and 30 more")


@pytest.mark.parametrize(("missing", "kind"), [("clusters", "cluster c"), ("users", "user u")])
def test_a_context_whose_cluster_or_user_is_not_there_says_which(tmp_path: Path, missing: str, kind: str) -> None:
    sections = {"contexts": [context("x")], "clusters": [cluster()], "users": [user()]} | {missing: []}
    with pytest.raises(SettingError, match=f"wants {kind}, which is not there"):
        read_files([write(tmp_path / "one", **sections)]).pick("x")


def test_a_context_without_a_user_has_no_credentials(tmp_path: Path) -> None:
    entry = {"name": "x", "context": {"cluster": "c"}}
    assert read_files([write(tmp_path / "one", contexts=[entry], clusters=[cluster()])]).pick("x").user == {}


# --- damage


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: b: c", "is not YAML, line 1"),
        ("- a", "holds no mapping"),
        ("contexts: 5", "contexts is not a list of named entries"),
        ("contexts: [{context: {}}]", "contexts is not a list of named entries"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "one"
    file.write_text(text)
    with pytest.raises(SettingError, match=sentence) as caught:
        read_files([file])
    assert str(file) in str(caught.value)


def test_an_empty_file_and_empty_sections_hold_nothing(tmp_path: Path) -> None:
    empty, nulls = tmp_path / "one", tmp_path / "two"
    empty.write_text("")
    nulls.write_text("contexts: null\nusers:\nclusters: []\n")
    assert read_files([empty, nulls]).contexts == {}
