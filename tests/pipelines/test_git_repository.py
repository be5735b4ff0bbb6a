"""Manifests and values out of repositories, by the git that is installed; every repository is a folder of the test."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from lastgood.errors import ManifestError, SettingError
from lastgood.pipelines.git_repository import GitTrouble, Repositories, Wish, shown
from lastgood.pipelines.service import ServiceRelease, load_service
from tests.pipelines.shop import CONFIG, data_of

STORE = """\
                type: Github
                spec:
                  connectorRef: account.git
                  {which}
                  {paths}
"""
SERVICE = """\
service:
  name: shop
  identifier: shop
  serviceDefinition:
    type: Kubernetes
    spec:
      manifests:
        - manifest:
            identifier: main
            type: K8sManifest
            spec:
              store:
{store}
              valuesPaths: {values}
"""
NEWEST = "{gitFetchType: Branch, branch: main}"


class Repository:
    """A repository with a branch called main."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        """What git prints."""
        names = {f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(
            command, env=os.environ | names, capture_output=True, text=True, check=True
        ).stdout.strip()

    def put(self, name: str, text: str) -> Repository:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return self

    def commit(self) -> str:
        """Commit all there is; its ID."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "orders.git").put("k8s/config.yaml", CONFIG + "  a: '{{ .Values.a }}'\n")


def load(tmp_path: Path, repository: Repository | str, **given: str) -> ServiceRelease:
    address = repository if isinstance(repository, str) else str(repository.folder)
    which = given.get("which", "{gitFetchType: Branch, branch: main}").strip("{}").replace(", ", "\n                  ")
    store = STORE.format(which=which, paths=given.get("paths", "paths: [k8s]"))
    path = tmp_path / "service.yaml"
    path.write_text(SERVICE.format(store=store, values=given.get("values", "[]")))
    return load_service(path, connectors={"account.git": address})


def refused(tmp_path: Path, repository: Repository | str, **given: str) -> SettingError:
    with pytest.raises(SettingError) as caught:
        load(tmp_path, repository, **given)
    return caught.value


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_files_are_those_of_the_branch(tmp_path: Path, repository: Repository, scheme: str) -> None:
    repository.put("env/prod.yaml", "a: 1\n").commit()
    repository.put("env/prod.yaml", "a: not committed\n")
    address = f"{scheme}{repository.folder}"
    assert data_of(load(tmp_path, address, values="[env/prod.yaml]")) == {"a": "1"}
    assert data_of(load(tmp_path, address, values="[/env/prod.yaml]")) == {"a": "1"}


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_commit_may_be_named_by_its_id_or_by_a_tag(tmp_path: Path, repository: Repository, scheme: str) -> None:
    first = repository.put("k8s/values.yaml", "a: first\n").commit()
    repository.git("tag", "-a", "v1", "-m", "x")
    repository.put("k8s/values.yaml", "a: second\n").commit()
    address = f"{scheme}{repository.folder}"
    for name in (first, "v1"):
        which = f"{{gitFetchType: Commit, commitId: {name}}}"
        assert data_of(load(tmp_path, address, which=which)) == {"a": "first"}
    assert data_of(load(tmp_path, address)) == {"a": "second"}


def test_the_commit_can_be_used(tmp_path: Path, repository: Repository) -> None:
    commit = repository.put("k8s/values.yaml", "a: <+manifest.main.commitId>\n").commit()
    assert data_of(load(tmp_path, repository)) == {"a": commit}
    repository.git("tag", "v1")
    assert data_of(load(tmp_path, repository, which="{gitFetchType: Commit, commitId: v1}")) == {"a": commit}


def test_a_branch_that_moves_in_a_run_is_not_followed(repository: Repository) -> None:
    """No two files of one repository are of different commits."""
    first = repository.put("a/x", "1").put("b/x", "1").commit()
    repositories, url = Repositories(), str(repository.folder)
    assert repositories.commit(url, Wish("main")) == first
    folder = repositories.folder(url, first, ["a"])
    repository.put("b/x", "2").commit()
    assert repositories.commit(url, Wish("main")) == first
    assert repositories.folder(url, first, ["b"]) == folder
    assert (folder / "b" / "x").read_text() == "1"


def test_only_what_is_asked_for_is_written_to_disk(repository: Repository) -> None:
    commit = repository.put("other/big", "x").put("[k8s]/y", "x").commit()
    repositories = Repositories()
    folder = repositories.folder(str(repository.folder), commit, ["k8s/config.yaml"])
    assert sorted(folder.rglob("*")) == [folder / "k8s", folder / "k8s" / "config.yaml"]


def test_what_was_fetched_goes_with_the_run(repository: Repository) -> None:
    commit = repository.commit()
    repositories = Repositories()
    folder = repositories.folder(str(repository.folder), commit, ["k8s"])
    assert folder.exists()
    del repositories
    assert not folder.exists()


def test_a_commit_that_no_branch_holds_any_more_is_found_if_the_server_has_it(
    tmp_path: Path, repository: Repository
) -> None:
    lost = repository.put("k8s/values.yaml", "a: lost\n").commit()
    repository.git("commit", "-q", "--amend", "-m", "y")
    assert data_of(load(tmp_path, repository, which=f"{{commitId: {lost}}}")) == {"a": "lost"}


def test_values_may_be_taken_from_where_the_manifests_are(tmp_path: Path, repository: Repository) -> None:
    repository.put("env/prod.yaml", "a: from the same place\n").commit()
    separate = """
        - manifest:
            identifier: more
            type: Values
            spec: {store: {type: InheritFromManifest, spec: {paths: [env/prod.yaml]}}}
"""
    assert data_of(load(tmp_path, repository, values="[]" + separate)) == {"a": "from the same place"}


def test_links_stay_in_the_repository(tmp_path: Path, repository: Repository) -> None:
    (tmp_path / "secret.yaml").write_text("a: secret\n")
    repository.put("values/real.yaml", "a: linked\n")
    (repository.folder / "good.yaml").symlink_to("values/real.yaml")
    (repository.folder / "bad.yaml").symlink_to(tmp_path / "secret.yaml")
    repository.commit()
    assert data_of(load(tmp_path, repository, values="[good.yaml]")) == {"a": "linked"}
    error = refused(tmp_path, repository, values="[bad.yaml]")
    assert "/bad.yaml is a link that leads out of orders.git@" in str(error)


def test_a_name_with_the_repository_s_stands_behind_the_connector_s_address(
    tmp_path: Path, repository: Repository
) -> None:
    repository.put("k8s/values.yaml", "a: 1\n").commit()
    which = "{branch: main, repoName: orders.git}"
    assert data_of(load(tmp_path, str(tmp_path), which=which)) == {"a": "1"}


@pytest.mark.parametrize(
    ("which", "problem"),
    [
        ("{branch: nope}", "orders.git has no branch nope"),
        ("{commitId: v9}", "orders.git has no tag v9"),
        (f"{{commitId: {'0' * 40}}}", f"orders.git has no commit {'0' * 40}"),
        ("{gitFetchType: Branch}", "manifest.spec.store.spec.branch: is missing"),
        ("{gitFetchType: Tag, branch: x}", "gitFetchType: Tag is neither Branch nor Commit"),
        ("{branch: <+nope>}", "<+nope> is not known"),
    ],
)
def test_what_is_not_there_is_told_with_file_line_and_key(
    tmp_path: Path, repository: Repository, which: str, problem: str
) -> None:
    repository.commit()
    with pytest.raises(Exception, match=r"service\.yaml:1\d: service\.serviceDefinition") as caught:
        load(tmp_path, repository, which=which)
    assert problem in str(caught.value)


def test_a_path_that_is_not_in_the_commit_is_told_with_what_is(tmp_path: Path, repository: Repository) -> None:
    commit = repository.commit()
    error = refused(tmp_path, repository, paths="paths: [k9s]")
    assert f"there is no orders.git@{commit[:8]}:/k9s" in str(error)
    assert error.hint == f"did you mean k8s? in orders.git@{commit[:8]} there is k8s/"


def test_a_mistake_in_a_file_is_told_with_its_commit(tmp_path: Path, repository: Repository) -> None:
    commit = repository.put("k8s/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx: [\n").commit()
    with pytest.raises(ManifestError, match=rf"^orders\.git@{commit[:8]}:/k8s/config\.yaml:5"):
        load(tmp_path, repository)


def test_a_repository_that_cannot_be_read_is_told_in_git_s_words(tmp_path: Path) -> None:
    error = refused(tmp_path, str(tmp_path / "nowhere"))
    assert "git ls-remote failed: " in str(error)
    assert "nowhere" in str(error)


def test_a_connector_without_an_address_is_told(tmp_path: Path, repository: Repository) -> None:
    load_service_file = tmp_path / "service.yaml"
    store = STORE.format(which="branch: main", paths="paths: [k8s]")
    load_service_file.write_text(SERVICE.format(store=store, values="[]"))
    with pytest.raises(SettingError) as caught:
        load_service(load_service_file)
    assert str(caught.value).endswith("connectorRef: where the connector account.git leads is not known")
    assert caught.value.hint == "say it with --connector account.git=URL"


@pytest.mark.parametrize("script", ["sleep 30", "echo fatal: first >&2; echo fatal: the last line >&2; exit 128"])
def test_git_is_asked_for_no_longer_than_is_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    fake_git(tmp_path, monkeypatch, script)
    with pytest.raises(GitTrouble) as caught:
        Repositories(patience=0.5 if "sleep" in script else 30).commit("https://u:p@example.com/x", Wish("main"))
    told = {"sleep 30": "git ls-remote took longer than 0.5 s"}
    assert str(caught.value) == told.get(script, "git ls-remote failed: the last line")


def test_git_can_ask_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_git(
        tmp_path, monkeypatch, 'echo "fatal: $GIT_TERMINAL_PROMPT $GIT_SSH_COMMAND $GIT_DIR." >&2; cat >&2; exit 1'
    )
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.delenv("GIT_SSH_COMMAND", raising=False)
    with pytest.raises(GitTrouble, match=r": 0 ssh -o BatchMode=yes \.$"):
        Repositories().commit("x", Wish("main"))


def test_without_git_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitTrouble, match="git is not installed") as caught:
        Repositories().commit("x", Wish("main"))
    assert caught.value.hint == "install git, or name a local folder"


def test_a_password_in_an_address_is_not_told() -> None:
    assert shown("https://me:token@example.com/x.git") == "https://example.com/x.git"


def fake_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """What is called git from now on."""
    path = tmp_path / "bin" / "git"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
