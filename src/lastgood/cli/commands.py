"""The commands there are. Imports nothing: ``--help`` is drawn from this alone."""

from __future__ import annotations

COMMANDS = {
    "deploy": "Make a release live; on failure, bring the last good one back.",
    "plan": "Show what deploy would do, and whether there is a way back.",
    "run": "Run a stage or a pipeline: its steps, and what rolls them back.",
    "lint": "Find every mistake in the files of a pipeline, without a cluster.",
    "promote": "Let a staged release take the place of the live one.",
    "swap": "Swap a staged blue-green release and the live one; no pod is touched.",
    "abort": "Delete what is staged; the live release stays as it is.",
    "rollback": "Go back to an earlier good release.",
    "recover": "Finish what an interrupted run left undone, or undo it.",
    "uninstall": "Delete what the releases of a name have made, and their history.",
    "status": "Tell what is live, whether it is healthy, and what was tried last.",
    "health": "Say how objects are, and why: those that a cluster wrote down, or those in it.",
    "list": "List the releases of a namespace, or of all.",
    "history": "List the releases of a name, newest first.",
    "show": "Show one release, with what is kept of its failure.",
    "verify": "Compare what is live with the last good release.",
    "diff": "Show the fields in which live and a release, or two releases, differ.",
    "rbac": "Print the roles that somebody needs to deploy these manifests.",
    "demo": "Show what lastgood does, on a simulated cluster or on one of yours.",
    "completion": "Print the script that completes commands in a shell.",
    "version": "Say which lastgood this is.",
}
"""Each with the first line of its help; each lives in the module of its name, as ``COMMAND``."""

PURPOSES = {
    "Ship": ("deploy", "plan", "run", "lint"),
    "In two phases": ("promote", "swap", "abort"),
    "Look": ("list", "status", "health", "history", "show", "verify", "diff"),
    "Come back": ("rollback", "recover"),
    "Clean up": ("uninstall",),
    "Set up": ("demo", "rbac", "completion", "version"),
}
"""What one wants, and the commands for it: how ``lastgood --help`` lists them."""

DIFFERENCE = 6
"""The exit code of a command that was asked whether there is a difference, and found one."""

RUNS = ("deploy", "promote", "swap", "abort", "rollback", "recover", "uninstall", "run")
"""Those that change a release, and answer with how that ended."""

OTHER_WORDS = {
    "apply": "deploy",
    "delete": "uninstall",
    "destroy": "uninstall",
    "get": "show",
    "install": "deploy",
    "ls": "list",
    "remove": "uninstall",
    "rm": "uninstall",
    "undo": "rollback",
    "upgrade": "deploy",
}
"""What kubectl and Helm call these."""

EXIT_CODES = {
    0: "done, or nothing to do",
    1: "it failed, and what was good before is back and proved",
    2: "the input or a flag cannot be used",
    3: "it failed, and what was good before is not back",
    4: "the cluster refused, or is out of reach",
    5: "the history does not allow it: no such release, a broken record, another run is at work",
    6: "there is a difference",
    130: "interrupted by Ctrl-C",
    143: "interrupted by SIGTERM",
}
"""What they mean, in the help of the commands that can have them."""

UNTOUCHED = (2, 4, 5)
"""With these a run has changed nothing."""


def codes(*several: int) -> dict[int, str]:
    """These exit codes with their meaning."""
    return {code: EXIT_CODES[code] for code in several}


def run_codes(*several: int) -> dict[int, str]:
    """The same for a command that changes a release."""
    return {code: f"{text}; nothing was changed" if code in UNTOUCHED else text
            for code, text in codes(*several).items()}  # fmt: skip


ASKED = codes(0, 2, 4, 5)
"""How a question ends."""

RAN = run_codes(0, 1, 2, 3, 4, 5, 130, 143)
"""How a run ends."""
