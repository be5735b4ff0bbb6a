"""``ShellScript``: a script, where lastgood runs."""

from __future__ import annotations

from lastgood.pipelines.keys.variable import variables
from lastgood.pipelines.shape import Fields, Key, Tagged, choice, for_people, meaningless, refused, text, truth
from lastgood.pipelines.step import NO_DELEGATES, StepType

NO_HOSTS = "scripts run where lastgood runs, and on no other host: leave it out, or let the script use ssh"
NO_POWERSHELL = "PowerShell is not run here: write the script for Bash"
SOURCE = Tagged(
    "type of source",
    {
        "Inline": Fields((Key("script", text("a script"), required=True),)),
        "Harness": Fields((Key("file", text("a path in the file store"), required=True),)),
    },
)

STEP = StepType(
    type="ShellScript",
    does="runs a script with bash; HARNESS_KUBE_CONFIG_PATH names a kubeconfig that leads to the stage's cluster",
    keys=(
        Key("shell", choice("Bash", refused={"PowerShell": NO_POWERSHELL}), required=True),
        Key("source", SOURCE, required=True),
        variables("environmentVariables"),
        variables("outputVariables"),
        refused(
            "outputAlias", "outputs are not exported under another name: ask for the step's output.outputVariables.NAME"
        ),
        refused("executionTarget", NO_HOSTS),
        refused("onDelegate", NO_HOSTS, truth(), default="true"),
        meaningless("includeInfraSelectors", NO_DELEGATES, truth(), default="false"),
        for_people("metadata"),
    ),
    undone_by="nothing by itself: write a step of your own",
    outputs={
        "outputVariables.NAME": "what the script set the variable to that outputVariables gives as the value of NAME"
    },
)
