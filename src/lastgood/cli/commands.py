"""The commands there are. Imports nothing: ``--help`` is drawn from this alone."""

from __future__ import annotations

COMMANDS = {
    "deploy": "Make a release live; on failure, bring the last good one back.",
    "plan": "Show what deploy would do, and whether there is a way back.",
    "rollback": "Go back to an earlier good release.",
    "recover": "Finish what an interrupted run left undone, or undo it.",
    "history": "List the releases of a name, newest first.",
    "show": "Show one release, with what is kept of its failure.",
    "verify": "Compare what is live with the last good release.",
    "version": "Say which lastgood this is.",
}
"""Each with the first line of its help; each lives in the module of its name, as ``COMMAND``."""

RUNS = ("deploy", "rollback", "recover")
"""Those that change a release, and answer with how that ended."""

OTHER_WORDS = {
    "apply": "deploy",
    "diff": "plan",
    "get": "show",
    "install": "deploy",
    "list": "history",
    "ls": "history",
    "status": "verify",
    "undo": "rollback",
    "upgrade": "deploy",
}
"""What kubectl and Helm call these."""
