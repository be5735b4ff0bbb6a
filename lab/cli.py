"""The commands of the lab: flags, one call, an exit code."""

import argparse
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from lab import building, describing, packages, room, running, starting, state, stopping
from lab.errors import LabError, NotRunning
from lab.layout import Layout
from lab.locking import lock
from lab.reporting import say
from lab.setting import Nodes

_ROOT = Path(__file__).parent.parent
_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run the command line; 0 done, 1 not, 2 a wrong command line, 130 and more a signal."""
    options = _parser().parse_args()
    for number in _ENDINGS:
        signal.signal(number, _end)
    try:
        code: int = _COMMANDS[options.command](options)
    except LabError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return code


def _end(number: int, _frame: object) -> NoReturn:
    """End as after Ctrl-C, so that what was begun is undone."""
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description=_ABOUT)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    place = argparse.ArgumentParser(add_help=False)
    default = os.environ.get("LAB_DIR") or str(_ROOT / ".lab")
    place.add_argument("--dir", default=default, help="the lab's folder (default: $LAB_DIR, or .lab beside lab/)")
    each = {name: commands.add_parser(name, help=text, parents=[place]) for name, text in _HELP.items()}
    _describe_up(each["up"])
    for name in ("status", "env"):
        each[name].add_argument("-o", "--output", choices=("text", "json"), default="text")
    for name in ("kill", "start"):
        each[name].add_argument("component", help="etcd, apiserver, controller-manager, scheduler, kubelet, …")
    each["kill"].add_argument(
        "-s", "--signal", default="KILL", type=_signal, help="KILL (default), TERM, STOP, CONT, …"
    )
    each["enter"].add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT")
    return parser


def _describe_up(up: argparse.ArgumentParser) -> None:
    up.add_argument("--node", type=Nodes, choices=list(Nodes), help="kind of nodes (default: real, where it can run)")
    up.add_argument("--kwok-nodes", type=int, metavar="N", help="how many KWOK nodes (default 3)")
    up.add_argument("--replace", action="store_true", help="end a lab of other sources or nodes first")


def _signal(name: str) -> int:
    try:
        return signal.Signals[f"SIG{name.upper().removeprefix('SIG')}"]
    except KeyError:
        raise argparse.ArgumentTypeError(f"no such signal: {name}") from None


def _layout(options: argparse.Namespace) -> Layout:
    return Layout.of(options.dir)


def _up(options: argparse.Namespace) -> int:
    began = time.monotonic()
    current = starting.up(_layout(options), starting.Wish(options.node, options.kwok_nodes, options.replace))
    say(f"the lab is up: {current.setting.server} ({time.monotonic() - began:.2f} s)")
    say(f'  eval "$(python -m lab env{_where(options)})"')
    return 0


def _where(options: argparse.Namespace) -> str:
    return "" if _layout(options) == Layout.of(_ROOT / ".lab") else f" --dir {shlex.quote(options.dir)}"


def _down(options: argparse.Namespace) -> int:
    began, layout = time.monotonic(), _layout(options)
    with lock(f"lab-{layout.id}", waiting=f"waiting for another command on {layout.directory}"):
        stopping.clear(layout)
    say(f"the lab is down ({time.monotonic() - began:.2f} s)")
    return 0


def _status(options: argparse.Namespace) -> int:
    found = describing.describe(_layout(options))
    print(json.dumps(found, indent=1) if options.output == "json" else describing.sentence(found))
    return 0 if found["running"] else 1


def _env(options: argparse.Namespace) -> int:
    found = describing.variables(_layout(options))
    print(json.dumps(found, indent=1) if options.output == "json" else describing.exports(found))
    return 0


def _build(_options: argparse.Namespace) -> int:
    print(building.ensure())
    return 0


def _packages(_options: argparse.Namespace) -> int:
    packages.ensure()
    return 0


def _kill(options: argparse.Namespace) -> int:
    running.kill(_layout(options), options.component, options.signal)
    return 0


def _start(options: argparse.Namespace) -> int:
    running.start_again(_layout(options), options.component)
    return 0


def _enter(options: argparse.Namespace) -> int:
    """Become a command in the lab's own namespaces."""
    current = state.load(_layout(options))
    if current.room is None:
        raise NotRunning("this lab has no namespaces of its own: all of it is on this machine's loopback")
    command = options.arguments[1:] if options.arguments[:1] == ["--"] else options.arguments
    argv = [*room.entering(current.room), *(command or [os.environ.get("SHELL", "/bin/sh")])]
    os.execvp(argv[0], argv)


_ABOUT = "A Kubernetes cluster on this machine, for the demo, the tests and the benchmarks."

_HELP = {
    "up": "bring the lab up, or see that it is up",
    "down": "take it down and leave nothing behind",
    "status": "say whether it runs (exit code 0) or not (1)",
    "env": "print what a shell needs to use it",
    "build": "build its programs, if they are not built yet",
    "packages": "install the Debian packages of a real node",
    "kill": "send a signal to a component",
    "start": "start a component again",
    "enter": "run a command (a shell) in its namespaces",
}

_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "up": _up,
    "down": _down,
    "status": _status,
    "env": _env,
    "build": _build,
    "packages": _packages,
    "kill": _kill,
    "start": _start,
    "enter": _enter,
}
