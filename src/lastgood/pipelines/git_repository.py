"""Files out of repositories, by the user's own git and with what it may read. The only module that starts it.

Every branch is looked up once in a run, so that all files of a repository are of one commit. Nothing is ever asked.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from weakref import finalize

PATIENCE = 120.0
"""Seconds that one call of git may take."""

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
LINK = "120000"
USER = re.compile(r"(?<=://)[^/@\s]+@")
UNASKED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
}
"""What keeps git, and what it starts, from asking a person; and its messages in English."""

GENERAL = ("fatal: Could not read from remote", "Please make sure you have", "and the repository exists")
"""What git adds to whatever went wrong."""

SSH = "ssh -o BatchMode=yes"
LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_NAMESPACE")
"""What a hook or an alias of git leaves in the environment: it is about another repository."""


class GitTrouble(Exception):
    """Git did not give what was wanted; the message is a clause, with git's own last line."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class TookTooLong(GitTrouble):
    """It was not waited for any longer."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A branch, or a commit: by its whole ID, or by a tag."""

    name: str
    is_branch: bool = True


@dataclass(slots=True, weakref_slot=True, eq=False)
class Repositories:
    """What was fetched in one run, in a folder that goes when this does. ``patience`` is in seconds for each call."""

    patience: float = PATIENCE
    _commits: dict[tuple[str, Wish], str] = field(default_factory=dict)
    _fetched: dict[tuple[str, str], Path] = field(default_factory=dict)
    _trees: dict[Path, dict[str, str]] = field(default_factory=dict)
    _root: Path | None = None

    def commit(self, url: str, wish: Wish) -> str:
        """The commit that is wished for; the same all the time. Raises ``GitTrouble``."""
        if COMMIT.fullmatch(wish.name) and not wish.is_branch:
            return wish.name
        if (url, wish) not in self._commits:
            self._commits[url, wish] = self._looked_up(url, wish)
        return self._commits[url, wish]

    def folder(self, url: str, commit: str, paths: Iterable[str]) -> Path:
        """The folder with these files and folders of a commit; what is not in it is left out. Raises ``GitTrouble``."""
        if (url, commit) not in self._fetched:
            self._fetched[url, commit] = self._fetch(url, commit)
        folder = self._fetched[url, commit]
        tree = self._tree(folder, commit)
        wanted = {_normal(path) for path in paths}
        # A link may lead anywhere; and a path that is not there is told beside those that are.
        if LINK in tree.values() or not all(path in tree for path in wanted):
            wanted = {"."}
        if tree:
            self._git("--literal-pathspecs", "checkout", "-q", commit, "--", *sorted(wanted), folder=folder)
        return folder

    def _looked_up(self, url: str, wish: Wish) -> str:
        kind, refs = ("branch", "refs/heads") if wish.is_branch else ("tag", "refs/tags")
        ref = f"{refs}/{wish.name}"
        said = self._git("ls-remote", "--", url, ref, f"{ref}^{{}}")
        found = {name: commit for commit, _, name in (line.partition("\t") for line in said.splitlines())}
        commit = found.get(f"{ref}^{{}}") or found.get(ref)
        if commit:
            return commit
        hint = "" if wish.is_branch else "a commit is named by all of its 40 digits"
        raise GitTrouble(f"{shown(url)} has no {kind} {wish.name}", hint=hint)

    def _fetch(self, url: str, commit: str) -> Path:
        """A folder whose repository lies beside it and holds the commit, with as little else as the server allows."""
        folder = self._folder() / blake2b(f"{url}\0{commit}".encode(), digest_size=10).hexdigest()
        _remove(folder)  # of an attempt that failed
        folder.mkdir()
        self._git("init", "-q", folder=folder)
        self._git("remote", "add", "--", "origin", url, folder=folder)
        try:
            self._git("fetch", "-q", "--depth=1", "--filter=blob:none", "--no-tags", "origin", commit, folder=folder)
        except TookTooLong:
            raise
        except GitTrouble:  # not every server gives a commit that no branch points to
            self._git("fetch", "-q", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*", folder=folder)
            self._refuse_absent(url, commit, folder)
        return folder

    def _folder(self) -> Path:
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="lastgood-git-"))
            finalize(self, shutil.rmtree, self._root, ignore_errors=True)
        return self._root

    def _refuse_absent(self, url: str, commit: str, folder: Path) -> None:
        try:
            self._git("cat-file", "-e", f"{commit}^{{commit}}", folder=folder)
        except GitTrouble as error:
            raise GitTrouble(f"{shown(url)} has no commit {commit}") from error

    def _tree(self, folder: Path, commit: str) -> dict[str, str]:
        """The mode of every file and folder of a commit, by its path; the root is ``.``."""
        if folder not in self._trees:
            said = self._git("ls-tree", "-r", "-t", "-z", "--full-tree", commit, folder=folder)
            entries = (entry.partition("\t") for entry in said.split("\0") if entry)
            found = {path: mode.split(" ", 1)[0] for mode, _, path in entries}
            self._trees[folder] = {".": "040000", **found} if found else {}
        return self._trees[folder]

    def _git(self, *arguments: str, folder: Path | None = None) -> str:
        where = [f"--git-dir={folder}.git", f"--work-tree={folder}"] if folder else []
        return _run(["git", *where, *arguments], patience=self.patience, folder=folder)


def _remove(folder: Path) -> None:
    for one in (folder, folder.with_name(f"{folder.name}.git")):
        shutil.rmtree(one, ignore_errors=True)


def shown(url: str) -> str:
    """An address as it may be told: without a user and a password in it."""
    return USER.sub("", url)


def _normal(path: str) -> str:
    """A path from the root of the repository, as git writes it."""
    return PurePosixPath(path.strip().lstrip("/") or ".").as_posix()


def _run(command: Sequence[str], *, patience: float, folder: Path | None) -> str:
    """What a command prints. It runs in a session of its own, so that nothing it starts can ask, or stay behind."""
    env = {name: value for name, value in os.environ.items() if name not in LOCAL} | UNASKED
    env.setdefault("GIT_SSH_COMMAND", SSH)
    try:
        process = subprocess.Popen(
            command, cwd=folder, env=env, start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="surrogateescape",
        )  # fmt: skip
    except FileNotFoundError as error:
        raise GitTrouble(
            "git is not installed, or not on the PATH", hint="install git, or name a local folder"
        ) from error
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired as error:
        raise TookTooLong(f"git {_verb(command)} took longer than {patience:g} s") from error
    finally:
        _end(process)
    if process.returncode:
        raise GitTrouble(f"git {_verb(command)} failed: {_last_line(err)}", hint=_hint(err))
    return out


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _verb(command: Sequence[str]) -> str:
    return next(one for one in command[1:] if not one.startswith("-"))


def _last_line(err: str) -> str:
    """The last line that says something of this case."""
    lines = [line.strip() for line in err.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(GENERAL)] or lines
    return shown(telling[-1].removeprefix("fatal: ").removeprefix("error: ")) if telling else "it says nothing"


def _hint(err: str) -> str:
    if "could not read Username" in err or "Authentication failed" in err or "Permission denied" in err:
        return "git runs as you and asks nothing: let git ls-remote URL work first, with a credential helper or a key"
    return ""
