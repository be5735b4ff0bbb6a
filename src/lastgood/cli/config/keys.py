"""What may stand in ``lastgood.yaml``: each key, the one flag it stands for, and how its value is checked. A table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lastgood.cli.config.checks import Check, boolean, duration, number, one_of, setting, text

HEAD = {"apiVersion": one_of("lastgood.dev/v1"), "kind": one_of("Config")}
"""What may stand in front, and says only what file this is."""


class Shape(StrEnum):
    """How many values a key holds."""

    ONE = "one"
    LIST = "list"
    MAPPING = "mapping"
    SOME = "one or a list"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the file. ``check`` is that of each value; paths count from the file's own folder."""

    name: str
    flag: str
    check: Check
    shape: Shape = Shape.ONE
    is_path: bool = False

    @property
    def field(self) -> str:
        """The field of ``Config`` that holds it: ``wait_lock``."""
        return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", self.name)

    @property
    def parameter(self) -> str:
        """What the flag is called in the code: ``set_variable``."""
        return self.flag.removeprefix("--").replace("-", "_")


KEYS = (
    Key("name", "--name", text("a name")),
    Key("namespace", "--namespace", text("the name of a namespace")),
    Key("context", "--context", text("the name of a context")),
    Key("files", "--filename", text("a file or folder"), Shape.LIST, is_path=True),
    Key("recursive", "--recursive", boolean()),
    Key("service", "--service", text("a file"), is_path=True),
    Key("fileStore", "--file-store", text("a folder"), is_path=True),
    Key("variables", "--set-variable", setting(), Shape.MAPPING),
    Key("artifact", "--artifact", text("an image"), Shape.SOME),
    Key("infra", "--infra", setting(), Shape.MAPPING),
    Key("connectors", "--connector", setting(), Shape.MAPPING),
    Key("input", "--input", text("a file"), is_path=True),
    Key("secrets", "--secrets", text("a file"), is_path=True),
    Key("mode", "--mode", one_of("declarative", "standard")),
    Key("prune", "--prune", boolean()),
    Key("onConflict", "--on-conflict", one_of("take", "keep", "fail")),
    Key("strategy", "--strategy", one_of("rolling", "canary", "blue-green")),
    Key("canary", "--canary", text("how many pods, or a share of them")),
    Key("createNamespace", "--create-namespace", boolean()),
    Key("takeOver", "--take-over", boolean()),
    Key("timeout", "--timeout", duration(positive=True)),
    Key("hold", "--hold", duration()),
    Key("grace", "--grace", setting(), Shape.MAPPING),
    Key("waitLock", "--wait-lock", duration()),
    Key("historyMax", "--history-max", number(least=2)),
    Key("onInterrupt", "--on-interrupt", one_of("fail", "restore")),
    Key("strict", "--strict", boolean()),
    Key("healthRules", "--health-rules", text("a file"), is_path=True),
    Key("cleanUp", "--clean-up", boolean()),
)

TYPED_ONLY = (
    "kubeconfig", "output", "verbose", "config", "why", "evidence-dir", "force", "to", "exit-code", "dry-run", "staged",
    "manifests", "all", "keep-history", "user", "service-account", "read-only",
    "run", "root", "var", "stage",
)  # fmt: skip
"""Flags without a key: they are about one machine, one reader or one run, and not about the release."""

NOT_BESIDE_SERVICE = {
    "files": "a service names its manifests itself",
    "mode": "a service says itself how it is rolled back",
}
ONLY_BESIDE_SERVICE = ("fileStore", "variables", "artifact", "infra", "connectors", "input", "secrets")
