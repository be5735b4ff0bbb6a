"""``ShellScript``: a script where lastgood runs."""

from __future__ import annotations

from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands
from lastgood.pipelines.reacting import Unfinished
from lastgood.pipelines.script import Script, shell_named

OUTPUTS = "outputVariables"
"""A variable whose own name is not said is called as its output is."""


async def act(hands: Hands) -> Done:
    """Run it; what ``outputVariables`` names can be asked for afterwards. Raises when it does not end with 0."""
    script = Script(
        text=_text(hands),
        shell=shell_named(hands.text("shell")),
        environment={**hands.environment, **_variables(hands, "environmentVariables")},
        outputs=_variables(hands, OUTPUTS),
        secrets=tuple(hands.ground.scope.secret),
    )
    ran = await hands.script(script, within=hands.within, hear=hands.hear, folder=str(hands.ground.stores.local.root))
    left = (f"what the script {hands.step.identifier} did",)
    if not ran.ok:
        raise Unfinished(f"the script failed: {ran.failure}", left=left, timed_out=ran.timed_out)
    outputs = {f"{OUTPUTS}.{name}": value for name, value in ran.outputs.items()}
    return Done(outputs, "the script has ended", left)


def _text(hands: Hands) -> str:
    source = hands.step.spec.entry("source")
    spec = source.entry("spec")
    if source.word("type").text == "Harness":
        word = spec.word("file")
        return hands.ground.stores.local.file(hands.evaluated(word), word.spot).text
    return hands.text("script", spec)


def _variables(hands: Hands, key: str) -> dict[str, str]:
    found = ((one.word("name").text, hands.text("value", one)) for one in hands.step.spec.entries(key))
    return {name: value or (name if key == OUTPUTS else "") for name, value in found}
