"""What a step is done with: its words, the ground of its stage, and the deployer that works there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import dropwhile
from typing import Protocol, TypeVar

from lastgood.deployer import Deployer
from lastgood.drafting import labelled
from lastgood.errors import SettingError
from lastgood.model.operation import Amount
from lastgood.model.operation import Done as Operated
from lastgood.model.release import History, State
from lastgood.model.request import OnConflict, Options, Request
from lastgood.model.resource import Resource
from lastgood.operating import Site, site_of
from lastgood.pipelines.bundling import TRUE
from lastgood.pipelines.crew import Done
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.flags import flags_of, seconds_of_flag
from lastgood.pipelines.grounds import Ground
from lastgood.pipelines.journal import Journal, Mark
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.reacting import Unfinished
from lastgood.pipelines.script import Ran, Script
from lastgood.pipelines.service import pod_labels
from lastgood.pipelines.stage import Stage, Step, steps_in
from lastgood.pipelines.steps import STEPS
from lastgood.pipelines.timeouts import whole_in

Named = TypeVar("Named", bound=StrEnum)
WORKLOADS = ("Deployment", "StatefulSet", "DeploymentConfig")
CANARY, ROLLING, PRUNING = "K8sCanaryDeploy", "K8sRollingDeploy", "pruningEnabled"
NUMBER, PREVIOUS = "releaseNumber", "previousRelease"
"""Outputs of the steps that deploy: the release that they made, and the good one that was live before."""


class RunScript(Protocol):
    """Runs a script, as ``shell.run`` does."""

    async def __call__(self, script: Script, *, within: float, hear: Callable[[str], None], folder: str | None) -> Ran:
        """Run it, in a folder, for at most so many seconds, and tell its lines."""
        ...


@dataclass(frozen=True, slots=True)
class Hands:
    """One step at work. ``environment`` is that of scripts, ``script`` runs one, ``hear`` is told what steps print."""

    stage: Stage
    step: Step
    ground: Ground
    journal: Journal
    deployer: Deployer
    options: Options
    rolls_back: bool
    environment: Mapping[str, str]
    script: RunScript
    hear: Callable[[str], None]

    # --- words

    def text(self, key: str, entry: Entry | None = None) -> str:
        """The text under a key of the spec, or of an entry in it, with its expressions replaced."""
        return self.evaluated((entry or self.step.spec).word(key))

    def texts(self, key: str, entry: Entry | None = None) -> tuple[str, ...]:
        """The texts of a list."""
        return tuple(map(self.evaluated, (entry or self.step.spec).words(key)))

    def is_true(self, key: str, entry: Entry | None = None) -> bool:
        """Whether a setting is true."""
        return self.text(key, entry).strip().lower() in TRUE

    def one_of(self, key: str, kind: type[Named]) -> Named:
        """What a key chooses, in whatever case. Raises ``SettingError`` when an expression stands for none of them."""
        text = self.text(key)
        found = next((one for one in kind if one.value.lower() == text.strip().lower()), None)
        if found is None:
            known = ", ".join(one.value for one in kind)
            raise SettingError(f'{self.step.spec.word(key).spot}: "{text}" is none of {known}')
        return found

    def evaluated(self, word: Word) -> str:
        """A word with its expressions replaced."""
        return self.ground.scope.evaluate(word.text, word.spot)

    def amount(self) -> Amount:
        """What ``instanceSelection`` says."""
        selection = self.step.spec.entry("instanceSelection")
        is_percent = selection.word("type").text == "Percentage"
        key = "percentage" if is_percent else "count"
        word = selection.entry("spec").word(key)
        return Amount(whole_in(word, self.evaluated(word)), percent=is_percent)

    def flag(self, name: str) -> str | None:
        """The value of a flag of kubectl in ``commandFlags``; empty for a bare one, None when it is not there."""
        return next((one.value for one in flags_of(self.step, self.evaluated) if one.name == name), None)

    @property
    def only_shows(self) -> bool:
        """Whether the flags ask for a dry run."""
        return self.flag("--dry-run") is not None

    # --- the release of the stage

    @property
    def name(self) -> str:
        """What the release is called."""
        return self.ground.name

    @property
    def site(self) -> Site:
        """Where operations beside the release work."""
        return site_of(self.deployer)

    @property
    def within(self) -> float:
        """How long the step may take, in seconds: its timeout, or the flag's if that is shorter."""
        most = self.options.timeout
        return min(most, seconds_of_flag(self.flag("--timeout") or "") or most)

    def request(self) -> Request:
        """What the service asks for, as a rolling deploy of it."""
        service = self.ground.release()
        return Request(
            name=service.release_name,
            namespace=self.deployer.namespace,
            resources=service.resources,
            mode=service.mode,
            prune=self._prunes(),
            versioned=not service.skip_versioning,
            uses_number=service.uses_number,
            pod_labels=pod_labels(service.release_name),
            options=self.deploying(),
        )

    def wanted(self) -> tuple[Resource, ...]:
        """What the service asks for, with the labels that a deploy puts on it."""
        request = self.request()
        return tuple(labelled(one, request) for one in request.resources)

    def deploying(self) -> Options:
        """How a deploy goes, as the flags of the step have it."""
        keeps = self.flag("--force-conflicts") == "false"
        on_conflict = OnConflict.FAIL if keeps else self.options.on_conflict
        return replace(self.options, timeout=self.within, on_conflict=on_conflict)

    def _prunes(self) -> bool | None:
        """What is said of pruning; of a canary's release by the step that rolls it out: it is the same release."""
        step = self.step
        if step.type == CANARY:
            steps = steps_in(self.stage.nodes)
            step = next((one for one in dropwhile(lambda one: one != step, steps) if one.type == ROLLING), step)
        return self.is_true(PRUNING, step.spec) if PRUNING in step.spec else None

    async def history(self) -> History:
        """The releases so far; none is no error."""
        return History(await self.deployer.store.summaries(self.name))

    async def settled(self) -> History:
        """The releases so far, once what a run that was killed has left half done is finished or undone."""
        history = await self.history()
        if history.latest is None or history.latest.state is not State.PENDING:
            return history
        await self.deployer.recover(self.name, options=self.options)
        return await self.history()

    def made(self, history: History) -> tuple[int, int | None] | None:
        """The number of the release that steps of this stage have made so far, and that of the good one before it.

        What a step has made in which a run was killed only the history knows.
        """
        notes = (one for one in self.journal.notes.values() if one.path[0] == self.stage.identifier)
        found = [one for one in notes if one.mark is Mark.SUCCEEDED and one.outputs.get(NUMBER)]
        if not found:
            return self._made_when_killed(history)
        last = found[-1].outputs
        return int(last[NUMBER]), int(last[PREVIOUS]) if last.get(PREVIOUS) else None

    def _made_when_killed(self, history: History) -> tuple[int, int | None] | None:
        deploying = {one.identifier for one in self.stage.steps() if STEPS[one.type].deploys}
        running = (path for path, note in self.journal.notes.items() if note.mark is Mark.RUNNING)
        if not any(path[0] == self.stage.identifier and path[-1] in deploying for path in running):
            return None
        known = {note.outputs.get(NUMBER) for note in self.journal.notes.values()}
        mine = (one for one in history.summaries if self.journal.run in one.why and one.restores is None)
        last = next((one for one in mine if one.state in (State.GOOD, State.STAGED)), None)
        if last is None or str(last.number) in known:
            return None
        good = (one.number for one in history.summaries if one.number < last.number and one.state is State.GOOD)
        return last.number, next(good, None)

    def waits(self, history: History) -> bool:
        """Whether the release that this stage has made is staged, and nothing came after it."""
        made, latest = self.made(history), history.latest
        ours = made is not None and latest is not None and latest.number == made[0]
        return ours and latest is not None and latest.state is State.STAGED


async def go_back(hands: Hands, number: int, previous: int | None, *, said: str, nothing: str) -> Done:
    """Roll back from a release of this stage to the good one before it; ``nothing`` is said where there is none.

    ``said`` is a sentence with ``{previous}`` and ``{number}``, that of the release which brings it back.
    """
    if previous is None:
        return Done(sentence=nothing, left=(f"release {number} of {hands.name}: there was no good release before it",))
    release = await hands.deployer.rollback(hands.name, to=previous, options=hands.options)
    return Done(sentence=said.format(previous=previous, number=release.number))


async def shown(hands: Hands, request: Request) -> Done:
    """What a deploy would do; nothing is done."""
    plan = await hands.deployer.plan(request)
    return Done(sentence=told("would change", [f"{one.op.value} {one.ref}" for one in plan.writes]))


def told(what: str, names: Sequence[str]) -> str:
    """A sentence with what it is about, or that there is nothing."""
    return f"{what}: {', '.join(names) or 'nothing'}"


async def outcome(hands: Hands, number: int, before: History) -> dict[str, str]:
    """Which release this run has made, and which was good before it; nothing when none had to be made."""
    known = before.find(number)
    if known is not None and known.state is State.GOOD and hands.journal.run not in known.why:
        return {}
    earlier = (
        one.number for one in (await hands.history()).summaries if one.number < number and one.state is State.GOOD
    )
    return {NUMBER: str(number), PREVIOUS: str(next(earlier, ""))}


def operated(done: Operated, what: str, *, beside: bool = True) -> Done:
    """What an operation came to; nothing takes back what is ``beside`` a release. Raises ``Unfinished`` with why."""
    changed = tuple(f"{one.ref} {one.op.value}d".replace("undod", "undone") for one in done.changed)
    if not done.ok:
        raise Unfinished(done.failure, left=changed if beside else (), timed_out=done.timed_out)
    return Done(sentence=told(what, changed), left=changed if beside else ())
