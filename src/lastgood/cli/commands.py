"""The commands there are. Imports nothing: ``--help`` is drawn from this alone."""

from __future__ import annotations

COMMANDS = {
    "deploy": "Make a release live; on failure, bring the last good one back.",
    "plan": "Show what deploy would do, and whether there is a way back.",
    "rollback": "Go back to an earlier good release.",
    "recover": "Finish what an interrupted run left undone, or undo it.",
    "uninstall": "Delete what the releases of a name have made, and their history.",
    "status": "Tell what is live, whether it is healthy, and what was tried last.",
    "list": "List the releases of a namespace, or of all.",
    "history": "List the releases of a name, newest first.",
    "show": "Show one release, with what is kept of its failure.",
    "verify": "Compare what is live with the last good release.",
    "diff": "Show the fields in which live and a release, or two releases, differ.",
    "demo": "Show what lastgood does, on a simulated cluster or on one of yours.",
    "version": "Say which lastgood this is.",
}
"""Each with the first line of its help; each lives in the module of its name, as ``COMMAND``."""

RUNS = ("deploy", "rollback", "recover", "uninstall")
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
