"""What others deployed becomes ours: who they are, what is moved, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastgood.diffing import LAST_APPLIED, RESTARTED
from lastgood.model.marks import RELEASE
from lastgood.model.resource import Body, Item, Path
from lastgood.owning import FieldSet, deployed, deployers, fold, foretold, lost, merged
from lastgood.owning.fields import parts, without
from tests.test_owning import entry

MANAGED_BY = "app.kubernetes.io/managed-by"
HELM_NAME = "meta.helm.sh/release-name"

Steps = tuple[str, ...]


def tree(*leaves: str) -> FieldSet:
    """The field set of these leaves, their steps divided by a bar; ``f:`` may be left out."""
    return of_leaves(tuple(s if s == "." or ":" in s[:2] else f"f:{s}" for s in leaf.split("|")) for leaf in leaves)


def of_leaves(leaves: Iterable[Steps]) -> FieldSet:
    root: FieldSet = {}
    for leaf in leaves:
        place = root
        for step in leaf:
            place = place.setdefault(step, {})
    return root


def leaves_of(fields: FieldSet, above: Steps = ()) -> Iterator[Steps]:
    for key, inner in fields.items():
        if inner:
            yield from leaves_of(inner, (*above, key))
        else:
            yield (*above, key)


def live(*managed: Body, **rest: Any) -> Body:
    metadata = {"name": "web", "namespace": "shop", "uid": "u", "resourceVersion": "7", "managedFields": list(managed)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata | rest.pop("metadata", {}),
        **rest,
    }


def names(body: Body) -> list[str]:
    return [str(one["manager"]) for one in deployers(body)]


def moved(body: Body, kept: Iterable[Path] = ()) -> dict[tuple[str, str], set[Steps]]:
    """Who holds which leaves after the fold."""
    _, write = fold(body, kept)
    return {(one["manager"], one["operation"]): set(leaves_of(one["fieldsV1"])) for one in write["value"]}


SPEC = tree("spec|replicas", "spec|image", "spec|paused", "metadata|labels|team")
OURS = entry("lastgood", "Apply", SPEC)


# --- who deployed it


@pytest.mark.parametrize(
    ("manager", "operation"),
    [
        ("kubectl-client-side-apply", "Update"),
        ("kubectl", "Apply"),
        ("kubectl", "Update"),
        ("kubectl-create", "Update"),
        ("kubectl-replace", "Update"),
        ("kubectl-set", "Update"),
        ("helm", "Update"),
        ("helm", "Apply"),
        ("before-first-apply", "Update"),
        ("lastgood", "Update"),
    ],
)
def test_who_deploys_is_known_by_name_beside_us(manager: str, operation: str) -> None:
    assert names(live(OURS, entry(manager, operation, tree("spec|env")))) == [manager]


@pytest.mark.parametrize("manager", ["kubectl-annotate", "kubectl-label", "kubectl-rollout", "lastgood-fence"])
def test_who_leaves_a_note_deploys_nothing(manager: str) -> None:
    """Not even if the note is all that anybody is on record for."""
    assert names(live(entry(manager, "Update", SPEC))) == []


@pytest.mark.parametrize(("manager", "part"), [("kubectl", "scale"), ("kube-controller-manager", "status")])
def test_who_writes_through_a_subresource_deploys_nothing(manager: str, part: str) -> None:
    assert names(live(entry(manager, "Update", SPEC, subresource=part))) == []


def test_before_we_own_anything_who_holds_most_deploys_it_whatever_the_name() -> None:
    few = entry("injector", "Update", tree("metadata|annotations|x"))
    assert names(live(entry("ci", "Apply", SPEC), few)) == ["ci"]


def test_half_of_it_is_not_most() -> None:
    half = tree("spec|replicas", "spec|image")
    assert names(live(entry("a", "Apply", half), entry("b", "Apply", tree("spec|x", "spec|y")))) == []


def test_once_it_is_ours_who_applies_most_of_the_same_deploys_it() -> None:
    """An unknown pipeline that comes back; what it adds is folded with the rest."""
    same = tree("spec|replicas", "spec|image", "spec|paused", "spec|added")
    assert names(live(OURS, entry("ci", "Apply", same))) == ["ci"]


def test_once_it_is_ours_a_controller_that_applies_its_part_does_not() -> None:
    part = tree("spec|replicas", "spec|image", "spec|injected", "spec|more", "spec|still-more")
    assert names(live(OURS, entry("injector", "Apply", part))) == []


def test_once_it_is_ours_what_an_unknown_manager_updates_is_its_own() -> None:
    assert names(live(OURS, entry("reloader", "Update", SPEC))) == []


def test_our_marks_are_not_counted_in_what_others_apply_of_ours() -> None:
    """A ConfigMap of one key has two labels of ours."""
    labels = tree(f"metadata|labels|{RELEASE}", "metadata|labels|lastgood.dev/release-namespace")
    ours = merged([labels, tree("data|a", f"metadata|annotations|{LAST_APPLIED}")])
    assert names(live(entry("lastgood", "Apply", ours), entry("ci", "Apply", tree("data|a")))) == ["ci"]
    assert names(live(entry("lastgood", "Apply", labels), entry("ci", "Apply", tree("data|a")))) == []


# --- what is moved


def test_the_fields_of_all_who_deployed_become_those_of_our_apply() -> None:
    env = tree("spec|env")
    body = live(entry("helm", "Apply", SPEC), entry("kubectl-set", "Update", env), entry("hpa", "Update", tree("x")))
    assert moved(body) == {
        ("hpa", "Update"): {("f:x",)},
        ("lastgood", "Apply"): set(leaves_of(merged([SPEC, env]))),
    }


def test_a_fold_holds_only_for_the_state_it_was_made_of() -> None:
    guard, _ = fold(live(entry("helm", "Apply", SPEC)))
    assert guard == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}


@pytest.mark.parametrize("other", [(), (entry("hpa", "Update", tree("spec|x")),)], ids=["nobody", "a controller"])
def test_where_nobody_else_deployed_there_is_nothing_to_fold(other: tuple[Body, ...]) -> None:
    assert fold(live(OURS, *other)) == []


def test_the_marks_of_helm_stay_with_it() -> None:
    """Without them Helm refuses to take back what it once had."""
    marks = tree(f"metadata|annotations|{HELM_NAME}", f"metadata|labels|{MANAGED_BY}")
    assert moved(live(entry("helm", "Apply", merged([SPEC, marks])))) == {
        ("helm", "Apply"): set(leaves_of(marks)),
        ("lastgood", "Apply"): set(leaves_of(SPEC)),
    }
    assert fold(live(OURS, entry("helm", "Apply", marks))) == []


def test_a_label_of_helm_that_kubectl_set_is_one_as_any_other() -> None:
    """As ``helm template | kubectl apply`` does: a release that drops it takes it away."""
    fields = merged([SPEC, tree(f"metadata|labels|{MANAGED_BY}")])
    assert moved(live(entry("kubectl-client-side-apply", "Update", fields))) == {
        ("lastgood", "Apply"): set(leaves_of(fields))
    }


def test_a_restart_stays_with_who_asked_for_it() -> None:
    restart = tree(f"spec|template|metadata|annotations|{RESTARTED}")
    body = live(entry("kubectl-patch", "Update", merged([SPEC, restart])))
    assert moved(body)["kubectl-patch", "Update"] == set(leaves_of(restart))


def test_what_is_kept_leaves_our_entry_and_stays_in_theirs() -> None:
    body = live(OURS, entry("kubectl-scale", "Update", tree("spec|replicas", "spec|env")))
    assert moved(body, [("spec", "replicas")]) == {
        ("kubectl-scale", "Update"): {("f:spec", "f:replicas")},
        ("lastgood", "Apply"): set(leaves_of(SPEC)) - {("f:spec", "f:replicas")} | {("f:spec", "f:env")},
    }


def test_what_is_kept_leaves_our_entry_though_nobody_else_deployed() -> None:
    """Replicas, when an autoscaler appears: it may not have written yet."""
    assert moved(live(OURS), [("spec", "replicas")]) == {
        ("lastgood", "Apply"): set(leaves_of(SPEC)) - {("f:spec", "f:replicas")}
    }


# --- laws, for whatever field sets

UNIVERSE = tuple(
    (*above, leaf)
    for above in [("f:spec",), ("f:spec", "f:template"), ("f:metadata", "f:labels"), ("f:list", 'k:{"name":"x"}')]
    for leaf in ("f:a", "f:b", "f:c")
)
SETS = st.frozensets(st.sampled_from(UNIVERSE), min_size=1).map(of_leaves)
MANAGERS = [
    ("lastgood", "Apply", ""),
    ("lastgood", "Update", ""),
    ("helm", "Apply", ""),
    ("kubectl-client-side-apply", "Update", ""),
    ("kubectl", "Update", "scale"),
    ("ci", "Apply", ""),
    ("kube-controller-manager", "Update", ""),
    ("kubectl-annotate", "Update", ""),
]


def made(held: dict[tuple[str, str, str], FieldSet]) -> Body:
    return live(*(entry(who, operation, fields, part) for (who, operation, part), fields in held.items()))


BODIES = st.dictionaries(st.sampled_from(MANAGERS), SETS, min_size=1).map(made)
KEPT = st.lists(st.sampled_from(UNIVERSE).map(lambda leaf: tuple(path_of(leaf))), max_size=3)


def path_of(leaf: Steps) -> Iterator[str | Item]:
    for step in leaf:
        yield Item("name", "x") if step.startswith("k:") else step[2:]


def held(body: Body) -> set[Steps]:
    return {leaf for one in body["metadata"]["managedFields"] for leaf in leaves_of(one["fieldsV1"])}


def after(body: Body, kept: Iterable[Path] = ()) -> Body:
    """The body once the fold is written."""
    moves = fold(body, kept)
    return {**body, "metadata": {**body["metadata"], "managedFields": moves[1]["value"]}} if moves else body


@given(BODIES)
def test_a_fold_loses_no_field(body: Body) -> None:
    assert held(after(body)) == held(body)


@given(BODIES, KEPT)
def test_a_fold_lets_go_only_of_what_is_kept(body: Body, kept: list[Path]) -> None:
    """And of that only in our entry: what others hold of it they go on holding."""
    folded = after(body, kept)
    at: dict[Path, Steps] = {tuple(path_of(leaf)): leaf for leaf in UNIVERSE}
    assert held(body) - held(folded) <= {at[path] for path in kept}
    others = [one for one in body["metadata"]["managedFields"] if one["manager"] != "lastgood"]
    theirs = {leaf for one in others for leaf in leaves_of(one["fieldsV1"])}
    assert theirs <= held(folded)


@given(BODIES)
def test_a_fold_is_done_once(body: Body) -> None:
    assert fold(after(body)) == []


@given(st.dictionaries(st.sampled_from([one for one in MANAGERS if one[0] != "ci"]), SETS, min_size=1).map(made), KEPT)
def test_a_fold_that_leaves_fields_to_others_is_done_once(body: Body, kept: list[Path]) -> None:
    assert fold(after(body, kept), kept) == []


@given(BODIES)
def test_a_fold_touches_nobody_who_did_not_deploy(body: Body) -> None:
    bystanders = [one for one in body["metadata"]["managedFields"] if one not in deployers(body)]
    left = after(body)["metadata"]["managedFields"]
    assert [one for one in bystanders if one not in left and one["manager"] != "lastgood"] == []


@given(SETS, SETS, SETS)
def test_a_union_holds_what_each_holds_in_any_order(one: FieldSet, other: FieldSet, third: FieldSet) -> None:
    assert set(leaves_of(merged([one, other]))) == {*leaves_of(one), *leaves_of(other)}
    assert merged([one, other]) == merged([other, one])
    assert merged([merged([one, other]), third]) == merged([one, merged([other, third])])
    assert merged([one, one]) == one


@given(SETS, SETS)
def test_a_difference_holds_what_only_the_first_holds(one: FieldSet, other: FieldSet) -> None:
    assert set(leaves_of(without(one, other))) == set(leaves_of(one)) - set(leaves_of(other))


@given(SETS, st.sampled_from(UNIVERSE))
def test_the_part_at_a_path_is_what_is_held_there(one: FieldSet, leaf: Steps) -> None:
    assert set(leaves_of(parts(one, [tuple(path_of(leaf))]))) == {leaf} & set(leaves_of(one))


# --- what comes of it


def previewed(body: Body, fields: FieldSet) -> Body:
    """The answer of a dry run that applied these fields: the others' are still theirs."""
    others = [one for one in body["metadata"]["managedFields"] if one["manager"] != "lastgood"]
    metadata = {**body["metadata"], "managedFields": [entry("lastgood", "Apply", fields), *others]}
    return {**body, "metadata": metadata}


CONTAINER = 'f:spec|f:containers|k:{"name":"web"}'


def env(name: str) -> str:
    return f'{CONTAINER}|f:env|k:{{"name":"{name}"}}'


def container(*variables: str, **more: Any) -> Body:
    return {"name": "web", "env": [{"name": name, "value": "1"} for name in variables], **more}


def test_what_only_a_folded_manager_holds_is_lost() -> None:
    body = live(entry("helm", "Apply", merged([SPEC, tree("spec|env")])))
    assert set(leaves_of(lost(body, previewed(body, SPEC)))) == {("f:spec", "f:env")}


def test_what_a_controller_holds_as_well_is_not_lost() -> None:
    hpa = entry("hpa", "Update", tree("spec|env"))
    body = live(entry("helm", "Apply", merged([SPEC, tree("spec|env")])), hpa)
    assert lost(body, previewed(body, SPEC)) == {}


def test_a_thing_of_which_somebody_holds_a_part_is_not_lost() -> None:
    """The container is there for its image, though nobody else says that it is there."""
    body = live(entry("helm", "Apply", tree(f"{CONTAINER}|.", f"{CONTAINER}|f:image", f"{CONTAINER}|f:args")))
    preview = previewed(body, tree(f"{CONTAINER}|f:image"))
    assert set(leaves_of(lost(body, preview))) == set(leaves_of(tree(f"{CONTAINER}|f:args")))


def test_what_is_kept_or_written_by_kubectl_for_itself_is_not_lost() -> None:
    fields = merged([SPEC, tree("spec|env", f"metadata|annotations|{LAST_APPLIED}")])
    body = live(entry("kubectl-client-side-apply", "Update", fields))
    assert lost(body, previewed(body, SPEC), [("spec", "env")]) == {}


def foretell(body: Body, preview: Body, kept: Sequence[Path], fresh: Body | None) -> Body:
    return foretold(body, preview, kept, lost(body, preview, kept), fresh)


def test_a_variable_that_is_lost_is_not_there_any_more() -> None:
    held_ = tree(f"{env('X')}|.", f"{env('X')}|f:value", f"{env('Y')}|.", f"{env('Y')}|f:value")
    body = live(entry("helm", "Apply", held_), spec={"containers": [container("X", "Y")]})
    preview = previewed(body, tree(f"{env('Y')}|.", f"{env('Y')}|f:value"))
    fresh = {"spec": {"containers": [container("Y")]}}
    assert foretell(body, preview, (), fresh)["spec"] == {"containers": [container("Y")]}


def test_a_field_that_is_lost_falls_back_to_its_default() -> None:
    body = live(entry("helm", "Apply", merged([SPEC, tree("spec|limit")])), spec={"limit": 3, "image": "a"})
    fresh = {"spec": {"limit": 10, "image": "a"}}
    assert foretell(body, previewed(body, SPEC), (), fresh)["spec"] == {"limit": 10, "image": "a"}


def test_a_map_of_which_all_is_lost_is_gone_with_it() -> None:
    body = live(entry("helm", "Apply", merged([SPEC, tree("data|a")])), data={"a": "1"})
    assert "data" not in foretell(body, previewed(body, SPEC), (), {"kind": "Deployment"})


def test_where_nothing_can_be_known_nothing_is_said_of_what_is_lost() -> None:
    body = live(entry("helm", "Apply", merged([SPEC, tree("spec|limit")])), spec={"limit": 3})
    preview = previewed(body, SPEC)
    assert foretell(body, preview, (), None) == preview


def test_what_is_kept_is_foretold_as_it_is() -> None:
    """A dry run of an apply that leaves replicas out, before the fold, says what the API fills in."""
    body = live(OURS, spec={"replicas": 7})
    preview = {**previewed(body, tree("spec|image")), "spec": {"replicas": 1}}
    assert foretell(body, preview, [("spec", "replicas")], None)["spec"] == {"replicas": 7}


# --- as found


def test_what_was_deployed_is_without_defaults_and_without_what_others_work_out() -> None:
    fields = tree("spec|replicas", f"{CONTAINER}|.", f"{CONTAINER}|f:image", f"metadata|annotations|{LAST_APPLIED}",
                  f"metadata|annotations|{HELM_NAME}", "metadata|labels|team")  # fmt: skip
    body = live(
        entry("helm", "Apply", fields),
        entry("kube-controller-manager", "Update", tree("metadata|annotations|revision", "spec|paused")),
        metadata={
            "labels": {"team": "shop"},
            "annotations": {LAST_APPLIED: "{}", HELM_NAME: "web", "revision": "3"},
        },
        spec={
            "replicas": 2,
            "paused": True,
            "containers": [{"name": "web", "image": "a", "imagePullPolicy": "Always"}],
        },
        status={"replicas": 2},
    )
    assert deployed(body) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"team": "shop"}},
        "spec": {"replicas": 2, "containers": [{"name": "web", "image": "a"}]},
    }


def test_what_was_deployed_stands_in_the_order_in_which_it_is_live() -> None:
    """A variable may refer to those before it: field sets are sorted, lists are not."""
    fields = tree(f"{CONTAINER}|.", *(f"{env(name)}|{part}" for name in "AB" for part in (".", "f:value")))
    body = live(entry("helm", "Apply", fields), spec={"containers": [container("B", "A")]})
    assert [one["name"] for one in deployed(body)["spec"]["containers"][0]["env"]] == ["B", "A"]


def test_what_nobody_is_on_record_for_is_taken_as_it_is() -> None:
    body = live(data={"a": "1"}, status={"x": 1}, metadata={"labels": {"team": "shop"}})
    assert deployed(body) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"team": "shop"}},
        "data": {"a": "1"},
    }
