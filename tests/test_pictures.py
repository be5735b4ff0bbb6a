"""The two pictures of a release as goldens: each case is a folder ``tests/pictures/<strategy>/<case>``.

``in.yaml`` is what is to be deployed (a first line ``# canary: 25%`` sets the size), ``live.yaml`` what is there.
``staged.yaml`` and ``final.yaml`` are the pictures, the comments at the top of the first what is told about them, and
of the second what is given up; or ``error.txt`` says why there are none. Those of ``take-over`` have ``in.yaml`` as the
last good release, and ``out.yaml``. UPDATE_GOLDENS=1 writes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from lastgood.errors import LastgoodError
from lastgood.loading import load
from lastgood.model.marks import RELEASE
from lastgood.model.resource import Body, Ref, Resource, ref_of
from lastgood.strategies import blue_green, canary
from lastgood.strategies.pictures import Pictures, StrategySettings

FOLDER = Path(__file__).parent / "pictures"
CASES = sorted(FOLDER.glob("*/*/in.yaml"))
STRATEGIES = {"canary": canary, "blue-green": blue_green}
NAMESPACE = "shop"
CLUSTER_WIDE = frozenset({"ClusterRole", "ClusterRoleBinding", "Namespace", "PriorityClass", "StorageClass"})


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_the_pictures_are_as_they_are_written_down(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case.parent)
    made = files(case.parent)
    if os.environ.get("UPDATE_GOLDENS"):
        rewrite(case.parent, made)
    assert made == {
        path.name: path.read_text() for path in case.parent.iterdir() if path.name not in ("in.yaml", "live.yaml")
    }


def files(case: Path) -> dict[str, str]:
    """What is written down of a case, by the names of its files."""
    first = (case / "in.yaml").read_text().partition("\n")[0]
    size = first.partition("# canary: ")[2] or "1"
    resources, live = desired(), living()
    try:
        if case.parent.name == "take-over":
            return {"out.yaml": taken_over(resources, live)}
        return pictured(STRATEGIES[case.parent.name].pictures(resources, live, StrategySettings(size)))
    except LastgoodError as error:
        return {"error.txt": f"{type(error).__name__}: {error}\nhint: {error.hint}\n"}


def pictured(found: Pictures) -> dict[str, str]:
    """Both pictures as files."""
    told = [f"note: {note}" for note in found.notes]
    ends = [*(f"colour: {one}" for one in [found.colour] if one), *(f"route: {one}" for one in sorted(found.routes))]
    given_up = [f"given up: {one}" for one in sorted(found.given_up)]
    return {"staged.yaml": as_yaml(found.staged, told), "final.yaml": as_yaml(found.final, ends + given_up)}


def taken_over(resources: tuple[Resource, ...], live: dict[Ref, Body]) -> str:
    made = blue_green.take_over(resources, live)
    return as_yaml(made, []) if made is not None else "# there is nothing to take over\n"


def desired() -> tuple[Resource, ...]:
    """The manifests of a case, placed and labelled as a draft has them."""
    return tuple(placed(one.with_body(one.copy_body())) for one in load(["in.yaml"]))


def placed(one: Resource) -> Resource:
    metadata = one.body["metadata"]
    metadata["labels"] = {**(metadata.get("labels") or {}), RELEASE: "web"}
    if one.ref.kind not in CLUSTER_WIDE:
        metadata.setdefault("namespace", NAMESPACE)
    return one


def living() -> dict[Ref, Body]:
    path = Path("live.yaml")
    bodies = [one for one in yaml.safe_load_all(path.read_text()) if one] if path.exists() else []
    for one in bodies:
        one["metadata"].setdefault("namespace", NAMESPACE)
    return {ref_of(one): one for one in bodies}


def as_yaml(resources: Iterable[Resource], comments: list[str]) -> str:
    """The bodies, without what they have all in common."""
    bodies = [shortened(one.copy_body()) for one in resources]
    return "".join(f"# {one}\n" for one in comments) + yaml.safe_dump_all(bodies, sort_keys=False)


def shortened(body: Body) -> Body:
    metadata = body["metadata"]
    labels = {key: value for key, value in (metadata.pop("labels", None) or {}).items() if key != RELEASE}
    if labels:
        metadata["labels"] = labels
    if metadata.get("namespace") == NAMESPACE:
        del metadata["namespace"]
    return body


def rewrite(case: Path, made: dict[str, str]) -> None:
    for name in ("staged.yaml", "final.yaml", "error.txt", "out.yaml"):
        (case / name).unlink(missing_ok=True)
    for name, text in made.items():
        (case / name).write_text(text)
