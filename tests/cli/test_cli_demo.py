"""``lastgood demo``: the story as it is shown, that it contacts nobody and leaves nothing, and how it is stopped."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, chdir
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lastgood.cli.demos import own_cluster, simulated
from lastgood.cli.demos.stopping import SIGNALS
from lastgood.cli.main import run
from lastgood.cli.outside import Outside
from lastgood.deployer import Deployer
from lastgood.errors import Unreachable
from lastgood.model.resource import GroupKind, Ref
from lastgood.ports import Right
from lastgood.testing import Behaviour, FakeClock, MemoryCluster, Request, memory_deployer
from tests.cli.world import Ran, Screen, golden, lastgood

NAME = "lastgood-demo-cafe"
SPACE = Ref("", "Namespace", "", NAME, "v1")
IMAGES = ("--image", "example/web:1", "--broken-image", "example/web:none")
ON_A_CLUSTER = ("demo", "--context", "ours", *IMAGES)

ALONE = """
import sys

NOT_WANTED = ("socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto", "subprocess.Popen", "os.fork")

def watch(event, _):
    if event in NOT_WANTED:
        raise SystemExit(f"the demo is not alone: {event}")

sys.addaudithook(watch)
sys.argv = ["lastgood", "demo"]
from lastgood.__main__ import main
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules} & {"httpx2", "lightkube", "msgspec", "rich"}))
"""


class Keyboard:
    """A terminal's other half: the lines that a person types, as bytes; in the place of one, a function is called."""

    def __init__(self, *typed: str | Callable[[], object]) -> None:
        self.typed = list(typed)

    def isatty(self) -> bool:
        return True

    def readline(self) -> bytes:
        found = self.typed.pop(0) if self.typed else ""
        return found.encode() if isinstance(found, str) else str(found()).encode()


def watched(*arguments: str, typed: Any) -> Ran:
    """A demo on a terminal."""
    out, err = Screen(), io.StringIO()
    code = run(arguments, Outside(out, err, typed, {"TERM": "xterm", "NO_COLOR": "1", "USER": "ann"}, lambda: 0.0))
    return Ran(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whatever happens in a test: no folder is left, and the process is where it was, with the manners it had."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("socket.gethostname", lambda: "laptop")
    monkeypatch.setattr("secrets.token_hex", lambda _: "cafe")
    home, handlers = Path.cwd(), list(map(signal.getsignal, SIGNALS))
    yield
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("lastgood-demo-")] == []
    assert home == Path.cwd()
    assert handlers == list(map(signal.getsignal, SIGNALS))


# --- simulated


def test_the_story_as_it_is_told() -> None:
    """From nothing but the package: every command as it is typed, what it prints, and how it leaves."""
    ran = lastgood("demo")
    golden("demo", replace(ran, out=re.sub(r"cd \S+", "cd /tmp/lastgood-demo-…", ran.out)))


def test_nobody_is_contacted_and_nothing_is_left_on_disk(tmp_path: Path) -> None:
    """A whole process in which every way out raises, with a kubeconfig that nobody may read."""
    root = Path(__file__).parent.parent.parent
    environment = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "KUBECONFIG": "/dev/null/nowhere", "USER": "ann",
                   "PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert "" == done.stdout.splitlines()[-1], "HTTP and the terminal's pictures are not even imported"
    assert [] == list(tmp_path.iterdir())


def test_a_step_that_goes_another_way_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the broken image not broken, the demo would not pretend."""
    monkeypatch.setattr(simulated, "BEHAVIOURS", {"*": Behaviour()})
    ran = lastgood("demo")
    assert 70 == ran.code
    assert ran.err == (
        "error: the demo went another way: lastgood deploy -f shop/ --name shop left with 0, where 1 was to be shown; "
        "this is a bug in lastgood\nhint: please report it\n"
    )
    assert "3. " not in ran.out


def test_pause_waits_before_each_step_but_the_first() -> None:
    ran = watched("demo", "--pause", typed=Keyboard(*["\n"] * 6))
    assert (0, 6) == (ran.code, ran.out.count("Enter goes on"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_ends_it_and_the_folder_goes(number: signal.Signals, code: int) -> None:
    ran = watched("demo", "--pause", typed=Keyboard("\n", lambda: signal.raise_signal(number)))
    assert (code, "error: the demo was stopped\n") == (ran.code, ran.err)
    assert "2. " in ran.out
    assert "3. " not in ran.out


MISTAKES = {
    ("-o", "json"): "the demo is for people, and has no JSON",
    ("-n", "prod"): "the demo plays in a namespace of its own",
    ("--pause",): "--pause waits for Enter, and here is no terminal",
    ("--yes",): "--yes means something only beside --context",
    ("--image", "web:1"): "--image means something only beside --context",
    ("--kubeconfig", "x"): "--kubeconfig means something only beside --context",
}


@pytest.mark.parametrize("flags", MISTAKES, ids=" ".join)
def test_flags_that_mean_nothing_here_are_refused(flags: tuple[str, ...]) -> None:
    ran = lastgood("demo", *flags)
    assert 2 == ran.code
    assert ran.err.startswith(f"error: {MISTAKES[flags]}\nhint: ")


# --- on a cluster


@dataclass
class Ours:
    """A person's own cluster, of which a kubeconfig tells; ``prod`` is there, and is nobody's to touch."""

    kubeconfig: Path
    clock: FakeClock = field(default_factory=FakeClock)
    at: dict[int, Callable[[], object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cluster = MemoryCluster(self.clock, behaviours={"*:none": Behaviour(pull_error="not found")})
        self.cluster.add_namespace("prod")
        self.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "prod"}})
        self.cluster.on_request = self._happens

    def plays(self, *arguments: str, typed: Any = None) -> Ran:
        """Type it."""
        out, err = Screen() if typed else io.StringIO(), io.StringIO()
        env = {"TERM": "xterm", "NO_COLOR": "1", "USER": "ann", "CI": "true"}
        outside = Outside(out, err, typed, env, self.clock.monotonic, self.connect, run_loop=self.clock.run)
        code = run(arguments, outside)
        return Ran(arguments, code, out.getvalue(), err.getvalue())

    @asynccontextmanager
    async def connect(self, *, namespace: str, tell: Any, **_: Any) -> AsyncIterator[Deployer]:
        yield memory_deployer(self.cluster, namespace=namespace, tell=tell)

    def is_as_it_was(self) -> bool:
        """Whether nothing of the demo is there, and all else is."""
        spaces = {
            body["metadata"]["name"] for body in self.cluster.machinery.api.objects.of_kind(GroupKind("", "Namespace"))
        }
        here = [ref for ref, _ in self.cluster.machinery.objects if ref.namespace not in ("", "prod")]
        return (
            spaces == {"default", "prod"}
            and here == []
            and self.cluster.live(Ref("", "ConfigMap", "prod", "a")) is not None
        )

    def touched(self) -> set[str]:
        """The namespaces that something was written in."""
        return {one.ref.namespace or one.ref.name for one in self.cluster.requests if one.writes and one.ref}

    def _happens(self, request: Request) -> None:
        self.at.pop(len(self.cluster.requests), lambda: None)()


@pytest.fixture
def ours(tmp_path: Path) -> Ours:
    kubeconfig = tmp_path / "kubeconfig"
    cluster = {"name": "c", "cluster": {"server": "https://k8s.example:6443"}}
    context = {"name": "ours", "context": {"cluster": "c"}}
    kubeconfig.write_text(json.dumps({"clusters": [cluster], "contexts": [context]}))
    return Ours(kubeconfig)


def at(ours: Ours) -> tuple[str, str]:
    return "--kubeconfig", str(ours.kubeconfig)


def test_on_a_cluster_it_asks_first_and_says_where(ours: Ours) -> None:
    ran = ours.plays(*ON_A_CLUSTER, *at(ours), typed=Keyboard("y\n"))
    assert 0 == ran.code, ran.out + ran.err
    first, _, rest = ran.out.partition("Go on? [y/N] ")
    assert "in context ours, on https://k8s.example:6443,\n" in first
    assert NAME in first
    assert rest.count(f"-n {NAME} --context ours --kubeconfig {ours.kubeconfig}") == 9
    assert "(exit 6: there is a difference)" in rest
    assert ours.is_as_it_was()
    assert {NAME} == ours.touched()


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_done(ours: Ours, answer: str) -> None:
    ran = ours.plays(*ON_A_CLUSTER, *at(ours), typed=Keyboard(answer))
    assert (130, "error: nothing was done\n") == (ran.code, ran.err)
    assert [] == ours.cluster.requests


def test_without_a_terminal_yes_has_to_be_said_before(ours: Ours) -> None:
    ran = ours.plays(*ON_A_CLUSTER, *at(ours))
    assert 2 == ran.code
    assert "--yes says yes" in ran.err
    assert [] == ours.cluster.requests


def test_an_image_that_cannot_be_pulled_is_told_and_the_namespace_goes(ours: Ours) -> None:
    ran = ours.plays("demo", "--context", "ours", "--yes", "--image", "example/web:none", *at(ours))
    assert 1 == ran.code
    assert "left with 3, where 0 was to be shown\nhint: what it printed says why; --image" in ran.err
    assert ours.is_as_it_was()


@pytest.mark.parametrize("verb", ["create", "delete"])
def test_who_may_not_make_and_remove_a_namespace_is_told_before_one_is_made(ours: Ours, verb: str) -> None:
    ours.cluster.deny(Right(verb, "", "namespaces", ""))
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert (4, set()) == (ran.code, ours.touched())
    assert f"not allowed: {verb} namespaces" in ran.err


def test_a_namespace_of_somebody_else_is_left_alone(ours: Ours) -> None:
    ours.cluster.add_namespace(NAME)
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert (4, set()) == (ran.code, ours.touched())
    assert ours.cluster.live(SPACE) is not None


def test_a_namespace_that_came_in_between_is_left_alone(ours: Ours) -> None:
    """Somebody makes one of that name after it was looked for: it is not the demo's, and is not removed."""
    ours.at[3] = lambda: ours.cluster.add_namespace(NAME)
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert 4 == ran.code
    live = ours.cluster.live(SPACE)
    assert live is not None
    assert "deletionTimestamp" not in live["metadata"]


def test_a_namespace_that_cannot_be_removed_is_named_with_the_command_that_does_it(ours: Ours) -> None:
    ours.cluster.fail_next(Unreachable("no route"), verb="delete", ref=SPACE)
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert 3 == ran.code
    assert ran.err == (
        f"error: namespace {NAME} is not removed: no route\n"
        f"hint: kubectl delete namespace {NAME} --context ours --kubeconfig {ours.kubeconfig}\n"
    )


def test_a_removal_that_does_not_end_is_given_up(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: Any, **__: Any) -> None:
        return

    monkeypatch.setattr(ours.cluster, "delete", hangs)
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert 3 == ran.code
    assert "is not removed: that takes longer than two minutes\n" in ran.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_a_deploy_stops_it_and_the_namespace_goes(ours: Ours, number: signal.Signals, code: int) -> None:
    ours.at = {30: lambda: signal.raise_signal(number)}  # in the first deploy
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert code == ran.code, ran.out
    assert "interrupted in release 1" in ran.out
    assert ran.err.endswith("error: the demo was stopped\n")
    assert ours.is_as_it_was()


def test_a_second_ctrl_c_leaves_the_deploy_at_once_and_the_namespace_goes(ours: Ours) -> None:
    """The second comes while the deploy, stopped by the first, writes down that it was."""

    def again(request: Request) -> None:
        ours.cluster.store(NAME).on_request = None
        signal.raise_signal(signal.SIGINT)

    def first() -> None:
        ours.cluster.store(NAME).on_request = again
        signal.raise_signal(signal.SIGINT)

    ours.at = {30: first}
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert 130 == ran.code
    assert "a second one leaves at once" in ran.out
    assert "interrupted in release 1" not in ran.out
    assert ours.is_as_it_was()


def test_ctrl_c_while_the_namespace_goes_waits_for_it(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_at_delete(ours, monkeypatch, times=1)
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert 0 == ran.code
    assert ran.err == f"warning: namespace {NAME} is being removed; once more leaves it there\n"
    assert ours.is_as_it_was()


def test_ctrl_c_twice_while_the_namespace_goes_leaves_and_says_so(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_at_delete(ours, monkeypatch, times=2)
    ran = ours.plays(*ON_A_CLUSTER, "--yes", *at(ours))
    assert 3 == ran.code
    assert f"namespace {NAME} is not removed: it was interrupted\nhint: kubectl delete namespace {NAME}" in ran.err


def interrupt_at_delete(ours: Ours, monkeypatch: pytest.MonkeyPatch, *, times: int) -> None:
    really = ours.cluster.delete

    async def delete(ref: Ref, *more: Any, **other: Any) -> None:
        for _ in range(times if ref == SPACE else 0):
            signal.raise_signal(signal.SIGINT)
        await really(ref, *more, **other)

    monkeypatch.setattr(ours.cluster, "delete", delete)


def test_a_relative_kubeconfig_still_leads_to_the_cluster(
    ours: Ours, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo works in a folder of its own; KUBECONFIG means what it meant."""
    monkeypatch.setenv("KUBECONFIG", "kubeconfig")
    places = []

    @asynccontextmanager
    async def connect(**where: Any) -> AsyncIterator[Deployer]:
        places.append(Path.cwd())
        async with ours.connect(**where) as deployer:
            yield deployer

    out, err, clock = io.StringIO(), io.StringIO(), ours.clock
    outside = Outside(out, err, None, {"USER": "ann"}, clock.monotonic, connect, run_loop=clock.run)
    with chdir(tmp_path):
        assert 0 == run((*ON_A_CLUSTER, "--yes"), outside)
    assert {tmp_path} == set(places)


@pytest.mark.parametrize(
    ("image", "broken"),
    [
        (None, "registry.k8s.io/pause:no-such-tag"),
        ("localhost:5000/a/web:1", "localhost:5000/a/web:no-such-tag"),
        ("web@sha256:00", "web:no-such-tag"),
    ],
)
def test_the_broken_image_is_the_good_one_with_a_tag_that_nobody_has(image: str | None, broken: str) -> None:
    assert broken == own_cluster.images(image, None).broken
