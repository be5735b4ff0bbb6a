"""Broken deploys on the lab's real pods: noticed, named, undone and proved, and after how many seconds; and slow ones.

Each case has a namespace of its own, with a good release in it. ``make faults`` runs them all, prints a table, and with
``--write`` puts it into docs/faults.md. It ends with 1 if a fault is not named or not undone, a hopeless one takes more
than ``QUICK`` seconds, or a slow start is condemned.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.faults import FAULTS, SLOW, Case, good
from benchmarks.tools import kubectl, tool
from examples.demo import running_lab

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
QUICK = 10.0
"""Seconds from the start of the deploy until a hopeless one is noticed, but for those that have to be seen to last."""
LASTING = ("crash after", "Job that does not end")


@dataclass(frozen=True)
class Seen:
    """How a case went. ``noticed`` and ``ended`` are in seconds since the deploy began."""

    case: Case
    code: int
    sentence: str
    noticed: float | None
    ended: float
    is_proved: bool

    @property
    def is_named(self) -> bool:
        """Whether what was said is what is wrong."""
        return re.search(self.case.says, self.sentence) is not None

    @property
    def is_quick(self) -> bool:
        """Whether a hopeless case was noticed soon."""
        lasting = not self.case.hopeless or self.case.name.startswith(LASTING)
        return lasting or (self.noticed is not None and self.noticed <= QUICK)


@dataclass(frozen=True)
class Bench:
    """The lab, and a folder to work in."""

    environment: Mapping[str, str]
    work: Path

    def told(self, number: int, case: Case) -> Seen:
        """Play a case, and say on stderr how it went."""
        seen = self.play(number, case)
        mark = "!" if is_wrong(seen) else " "
        print(f"{mark} {case.name}: exit {seen.code}, {seen.ended:.1f} s: {seen.sentence}", file=sys.stderr, flush=True)
        return seen

    def play(self, number: int, case: Case) -> Seen:
        """A good release, then the case, in a namespace that is removed afterwards."""
        namespace = f"fault-{number}-{os.getpid()}"
        self._kubectl("create", "namespace", namespace)
        try:
            self._deploy(namespace, case.live or good(), ())
            for label in case.labels:
                self._kubectl("label", "namespace", namespace, label)
            self._apply(namespace, case.before)
            return self._tried(namespace, case)
        finally:
            self._clean_up(namespace, case)

    def _tried(self, namespace: str, case: Case) -> Seen:
        helper = self._meanwhile(namespace, case)
        lines = self._deploy(namespace, case.release, ("--timeout", f"{case.timeout}s", *case.flags))
        helper.wait()
        run = lines[-1]
        failed = next((one for one in lines if one.get("type") == "Failed"), None)
        said = [one["cause"]["sentence"] for one in run["failures"] if one["cause"]]
        said += [one["sentence"] for one in run["failures"]] + [(run["error"] or {}).get("message", "")]
        proof = run["proof"] or {}
        noticed = failed["seconds"] if failed else None
        return Seen(
            case, run["exitCode"], next(filter(None, said), ""), noticed, run["seconds"], bool(proof.get("holds"))
        )

    def _meanwhile(self, namespace: str, case: Case) -> subprocess.Popen[bytes]:
        """What somebody else does some seconds later; tried again for as long as there is nothing to do it to."""
        if case.meanwhile is None:
            return subprocess.Popen(["true"])
        seconds, arguments = case.meanwhile
        words = [one.replace("NAMESPACE", namespace) for one in arguments]
        script = 'sleep "$1"; shift; for i in 1 2 3 4 5 6 7 8 9; do "$@" && exit 0; sleep 1; done; exit 1'
        command = ["sh", "-c", script, "sh", str(seconds), str(tool("kubectl")), "-n", namespace, *words]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _deploy(self, namespace: str, bodies: Iterable[Any], flags: Sequence[str]) -> list[dict[str, Any]]:
        folder = Path(tempfile.mkdtemp(dir=self.work))
        for place, body in enumerate(bodies):
            (folder / f"{place}.json").write_text(json.dumps(body).replace("NAMESPACE", namespace))
        command = [sys.executable, "-m", "lastgood", "deploy", str(folder), "--name", "shop", "-n", namespace]
        done = subprocess.run([*command, "-o", "jsonl", *flags], cwd=ROOT, env=self.environment, capture_output=True,
                              text=True, check=False)  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _apply(self, namespace: str, bodies: Iterable[Any]) -> None:
        for body in bodies:
            text = json.dumps(body).replace("NAMESPACE", namespace)
            self._kubectl("apply", "-n", namespace, "-f", "-", stdin=text)
        if bodies:
            time.sleep(1.0)  # admission has to have heard of it

    def _clean_up(self, namespace: str, case: Case) -> None:
        for body in case.before:
            if body["metadata"]["name"] == "NAMESPACE":
                self._kubectl("delete", body["kind"], namespace, "--ignore-not-found")
        self._kubectl("delete", "namespace", namespace, "--wait=false")

    def _kubectl(self, *arguments: str, stdin: str | None = None) -> None:
        kubectl(*arguments, environment=self.environment, stdin=stdin)


def main(argv: list[str] | None = None) -> int:
    """Play all cases, print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="WORDS", help="cases whose name holds these words")
    parser.add_argument("--at-once", type=int, default=1, help="how many are played at the same time")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args(argv)
    faults, slow = ([one for one in cases if options.only in one.name] for cases in (FAULTS, SLOW))
    with running_lab(keep=False) as environment, tempfile.TemporaryDirectory() as work:
        bench = Bench({**os.environ, **environment}, Path(work))
        with ThreadPoolExecutor(options.at_once) as pool:
            seen = list(pool.map(bench.told, range(len(faults) + len(slow)), [*faults, *slow]))
    where = f"{environment['LAB_NODE']} node, {os.cpu_count()} cores, {options.at_once} at a time"
    text = page(seen[: len(faults)], seen[len(faults) :], where)
    print(text)
    if options.write:
        PAGE.write_text(text)
    return int(any(map(is_wrong, seen)))


def is_wrong(seen: Seen) -> bool:
    """Whether lastgood did not do what it is for."""
    if not seen.case.says:
        return seen.code != 0
    return not (seen.code == 1 and seen.is_named and seen.is_proved and seen.is_quick)


def page(faults: Sequence[Seen], slow: Sequence[Seen], where: str) -> str:
    """The document. ``where`` says on what, and how many at a time."""
    quick = sum(one.case.hopeless and one.is_quick for one in faults)
    hopeless = sum(one.case.hopeless for one in faults)
    named, back = sum(one.is_named for one in faults), sum(one.code == 1 and one.is_proved for one in faults)
    head = f"""# What goes wrong, what is said, and how soon

{len(faults)} deploys that cannot work, each over a good release, on the lab ({where}; `make faults`):
{named} were named rightly, {back} undone and proved; of {hopeless} hopeless ones {quick} were noticed in {QUICK:g} s.
Both times are in seconds from the start of the deploy. What is not hopeless is waited for until `--timeout` (15 s here,
45 s for the webhook): nodes may come, and an operator may get well. Of {len(slow)} slow starts
{sum(one.code != 0 for one in slow)} were condemned.

| fault | said | noticed | undone and proved |
| --- | --- | --- | --- |
"""
    return head + "".join(map(_row, faults)) + SLOW_HEAD + "".join(map(_slow_row, slow))


SLOW_HEAD = """
## Slow, and healthy

| start | end | after |
| --- | --- | --- |
"""


def _row(seen: Seen) -> str:
    noticed = "-" if seen.noticed is None else f"{seen.noticed:.1f} s"
    back = f"{seen.ended:.1f} s" if seen.code == 1 and seen.is_proved else f"**no** (exit {seen.code})"
    mark = "" if not is_wrong(seen) else " **!**"
    return (
        f"| {seen.case.name}{mark} | {' '.join(seen.sentence.split()).replace('|', '&#124;')} | {noticed} | {back} |\n"
    )


def _slow_row(seen: Seen) -> str:
    end = "good" if seen.code == 0 else f"**condemned** ({' '.join(seen.sentence.split())})"
    return f"| {seen.case.name} | {end} | {seen.ended:.1f} s |\n"


if __name__ == "__main__":
    raise SystemExit(main())
