"""What holds for the pictures of any release: a canary and what is stable, or two colours, never meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from lastgood.errors import ManifestError
from lastgood.model.marks import COLOUR, COPY_OF, RELEASE, TRACK
from lastgood.model.resource import Body, Ref, Resource
from lastgood.sharing import scale_target
from lastgood.strategies import blue_green, canary
from lastgood.strategies.colours import colour_of, colour_selected, other
from lastgood.strategies.naming import LONGEST, LONGEST_OF
from lastgood.strategies.pictures import Pictures, StrategySettings
from lastgood.strategies.selecting import pod_labels, selector_of
from lastgood.versioning import config_name, is_config, references

generously = settings(deadline=None, max_examples=50)
"""Time enough on a machine that is busy."""

Live = Mapping[Ref, Body]

NAMES = st.sampled_from(["web", "api", "db", "web-canary", "web-blue", "n" * 47, "n" * 62, f"{'n' * 61}x"])
CONFIGS = ["app", "app-green", "app-canary", "key", "c" * 252, "c" * 253]
WORKLOADS = ("Deployment", "StatefulSet")


def made(api_version: str, kind: str, name: str, **rest: Any) -> Resource:
    metadata = {"name": name, "namespace": "shop", "labels": {RELEASE: "web"}}
    return Resource({"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest})


def workload(draw: st.DrawFn, name: str) -> Resource:
    labels = {"app": name, **draw(st.sampled_from([{}, {TRACK: "stable"}, {"tier": "shop"}]))}
    selector: dict[str, Any] = {"matchLabels": {"app": name, **({TRACK: "stable"} if TRACK in labels else {})}}
    if draw(st.booleans()):
        selector["matchExpressions"] = [{"key": "app", "operator": "In", "values": [name, "more"]}]
    read = draw(st.lists(st.sampled_from(CONFIGS), max_size=3, unique=True))
    source = [{"configMapRef" if len(one) % 2 else "secretRef": {"name": one}} for one in read]
    pod = {"containers": [{"name": "web", "image": "registry.lab/web:2", "envFrom": source}]}
    spec: dict[str, Any] = {"selector": selector, "template": {"metadata": {"labels": labels}, "spec": pod}}
    replicas = draw(st.sampled_from([None, 1, 2, 7]))
    if replicas is not None:
        spec["replicas"] = replicas
    kind = draw(st.sampled_from(WORKLOADS))
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return made("apps/v1", kind, name, spec=spec)


def followers(draw: st.DrawFn, one: Resource) -> Iterator[Resource]:
    name = one.ref.name
    spec: dict[str, Any] = {"selector": {"app": name}, "ports": [{"port": 80}]}
    if draw(st.booleans()):
        spec["clusterIP"] = "None"
    yield made("v1", "Service", name, spec=spec)
    if draw(st.booleans()):
        target = {"apiVersion": "apps/v1", "kind": one.ref.kind, "name": name}
        scaling = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 9}
        yield made("autoscaling/v2", "HorizontalPodAutoscaler", name, spec=scaling)
    if draw(st.booleans()):
        selector = {"matchLabels": {"app": name}}
        yield made("policy/v1", "PodDisruptionBudget", name, spec={"minAvailable": 1, "selector": selector})


@st.composite
def releases(draw: st.DrawFn) -> tuple[Resource, ...]:
    """Workloads with what follows them, configuration that some of them read, and some that is shared."""
    found: list[Resource] = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        one = workload(draw, name)
        found += [one, *followers(draw, one)]
    configs = draw(st.lists(st.sampled_from(CONFIGS), max_size=5, unique=True))
    found += [made("v1", "ConfigMap" if len(one) % 2 else "Secret", one, data={"a": "YQ=="}) for one in configs]
    found.append(made("v1", "ServiceAccount", "web"))
    return tuple(draw(st.permutations(found)))


def bodies(*pictures: Iterable[Resource]) -> dict[Ref, Body]:
    """What lives once these have been applied, one after the other."""
    return {one.ref: one.body for picture in pictures for one in picture}


def drawn(module: Any, resources: tuple[Resource, ...], live: Live) -> Pictures:
    """The pictures, or no test where there are none: names that are all taken are the only reason here."""
    try:
        found: Pictures = module.pictures(resources, live, StrategySettings("30%"))
    except ManifestError as error:
        if "both are taken" not in str(error):
            raise
        reject()
    return found


def of_kinds(resources: Iterable[Resource], *kinds: str) -> tuple[Resource, ...]:
    return tuple(one for one in resources if one.ref.kind in kinds)


def selected(one: Body, labels: Mapping[str, str]) -> bool:
    selector = selector_of(one)
    return bool(selector and selector.selects(labels))


def claimed_twice(live: Live, kind: str) -> list[tuple[Ref, str]]:
    """The workloads whose pods more than one autoscaler counts, or more than one budget protects."""
    followers = [body for body in live.values() if body["kind"] == kind]
    selectors = [live.get(target) if (target := scale_target(body)) else body for body in followers]
    makers = {ref: body for ref, body in live.items() if ref.kind in WORKLOADS}
    claims = {ref: [s for s in selectors if s and selected(s, pod_labels(body))] for ref, body in makers.items()}
    return [(ref, kind) for ref, found in claims.items() if len(found) > 1]


def all_claimed_twice(live: Live) -> list[tuple[Ref, str]]:
    return [*claimed_twice(live, "HorizontalPodAutoscaler"), *claimed_twice(live, "PodDisruptionBudget")]


def read(resources: Iterable[Resource]) -> set[tuple[str, str, str]]:
    return {(one.kind, made.ref.namespace, one.name) for made in resources for one in references(made)}


# --- both


@generously
@given(releases(), st.sampled_from([canary, blue_green]))
def test_names_fit_and_are_nobody_elses(resources: tuple[Resource, ...], module: Any) -> None:
    found = drawn(module, resources, {})
    for picture in (found.staged, found.final):
        names = [one.ref for one in picture]
        assert len(set(names)) == len(names)
        copies = [one for one in picture if COPY_OF in one.annotations]
        assert [one for one in copies if len(one.ref.name) > LONGEST_OF.get(one.ref.group_kind, LONGEST)] == []
        assert {one.ref for one in copies} & {one.ref for one in resources} == set()


@generously
@given(releases(), st.sampled_from([canary, blue_green]))
def test_nothing_that_is_handed_in_is_changed(resources: tuple[Resource, ...], module: Any) -> None:
    before = [one.copy_body() for one in resources]
    drawn(module, resources, {})
    assert before == [one.body for one in resources]


@generously
@given(releases(), st.sampled_from([canary, blue_green]))
def test_every_workload_selects_its_own_pods(resources: tuple[Resource, ...], module: Any) -> None:
    found = drawn(module, resources, {})
    for one in of_kinds((*found.staged, *found.final), *WORKLOADS):
        assert selected(one.body, pod_labels(one.body))


@generously
@given(releases(), st.sampled_from([canary, blue_green]))
def test_what_has_to_be_read_first_holds_every_name_that_can_matter(
    resources: tuple[Resource, ...], module: Any
) -> None:
    """Whether something lives under a name that is not asked for makes no difference."""
    found = drawn(module, resources, {})
    everything = bodies(found.staged, found.final)
    asked = set(module.wanted(resources))
    known = {ref: body for ref, body in everything.items() if ref in asked}
    assert drawn(module, resources, everything) == drawn(module, resources, known)


# --- canary


@generously
@given(releases())
def test_a_canary_leaves_everything_that_lives_as_it_is(resources: tuple[Resource, ...]) -> None:
    found = drawn(canary, resources, bodies(resources))
    assert found.final == resources
    assert {one.ref for one in found.staged} & {one.ref for one in resources} == set()


@generously
@given(releases())
def test_a_canary_has_its_share_and_no_controller_takes_it_for_stable(resources: tuple[Resource, ...]) -> None:
    """It has every label of a stable pod, but for one; no canary's selector selects a stable pod."""
    found = drawn(canary, resources, bodies(resources))
    stable = {one.ref.name: one for one in of_kinds(resources, *WORKLOADS)}
    for one in of_kinds(found.staged, *WORKLOADS):
        original = stable[one.annotations[COPY_OF]]
        assert pod_labels(one.body) == {**pod_labels(original.body), TRACK: "canary"}
        assert not any(selected(one.body, pod_labels(other.body)) for other in stable.values())


@generously
@given(releases())
def test_a_canary_reads_nothing_that_stable_pods_read(resources: tuple[Resource, ...]) -> None:
    found = drawn(canary, resources, bodies(resources))
    held = {config_name(one.body) for one in resources if is_config(one.body)}
    assert read(of_kinds(found.staged, *WORKLOADS)) & held == set()
    copied = {config_name(one.body) for one in found.staged if is_config(one.body)}
    assert copied <= read(of_kinds(found.staged, *WORKLOADS))


@generously
@given(releases())
def test_beside_a_canary_no_pod_has_two_autoscalers_or_budgets(resources: tuple[Resource, ...]) -> None:
    before = bodies(resources)
    found = drawn(canary, resources, before)
    assert all_claimed_twice(bodies(resources, found.staged)) == all_claimed_twice(before)


@generously
@given(releases())
def test_a_canary_that_is_there_already_is_made_the_same(resources: tuple[Resource, ...]) -> None:
    first = drawn(canary, resources, bodies(resources))
    assert first == drawn(canary, resources, bodies(resources, first.staged))


# --- blue-green


def swapped(found: Pictures, live: Live) -> dict[Ref, Body]:
    """What lives after the swap."""
    kept = {ref: body for ref, body in live.items() if ref not in found.given_up}
    return {**kept, **bodies(found.staged), **bodies(found.final)}


@generously
@given(releases())
def test_colours_alternate_and_the_third_is_the_first(resources: tuple[Resource, ...]) -> None:
    first = drawn(blue_green, resources, {})
    after = swapped(first, {})
    second = drawn(blue_green, resources, after)
    third = drawn(blue_green, resources, swapped(second, after))
    assert (first.colour, second.colour, third.colour) == ("blue", "green", "blue")
    assert first.final == third.final


@generously
@given(releases())
def test_a_colour_that_is_staged_already_is_made_the_same(resources: tuple[Resource, ...]) -> None:
    """A first one leaves the primary Service out the second time: it is there."""
    after = swapped(drawn(blue_green, resources, {}), {})
    once = drawn(blue_green, resources, after)
    assert once == drawn(blue_green, resources, {**after, **bodies(once.staged)})


@generously
@given(releases())
def test_staging_touches_nothing_of_the_live_colour(resources: tuple[Resource, ...]) -> None:
    after = swapped(drawn(blue_green, resources, {}), {})
    second = drawn(blue_green, resources, after)
    mine = {ref for ref, body in after.items() if colour_of(body) == other(second.colour)}
    assert mine & {one.ref for one in (*second.staged, *second.final)} == set()
    users = {ref for ref in second.routes if ref in after and colour_selected(after[ref]) != second.colour}
    assert users & {one.ref for one in second.staged} == set()


@generously
@given(releases())
def test_a_swap_changes_where_services_lead_and_no_pod(resources: tuple[Resource, ...]) -> None:
    """Whatever makes pods is the same in both pictures, and so is what they read."""
    found = drawn(blue_green, resources, {})
    before, after = bodies(found.staged), bodies(found.final)
    coloured = {ref for ref, body in after.items() if colour_of(body)}
    assert {ref: before[ref] for ref in coloured} == {ref: after[ref] for ref in coloured}
    for ref in found.routes:
        assert {colour_selected(before[ref]), colour_selected(after[ref])} == {"blue", "green"}
        assert plain(before[ref]) == plain(after[ref])


def plain(service: Body) -> Body:
    selector = {key: value for key, value in service["spec"]["selector"].items() if key != COLOUR}
    return {**service, "spec": {**service["spec"], "selector": selector}}


@generously
@given(releases())
def test_users_reach_one_colour_at_a_time(resources: tuple[Resource, ...]) -> None:
    first = drawn(blue_green, resources, {})
    live = swapped(first, {})
    second = drawn(blue_green, resources, live)
    beside, after = {**live, **bodies(second.staged)}, swapped(second, live)
    for one in of_kinds(resources, "Service"):
        assert reached(beside, one.ref) <= {"blue"}
        assert reached(after, one.ref) <= {"green"}


def reached(live: Live, service: Ref) -> set[str]:
    """The colours of the pods that a Service leads to."""
    makers = [body for ref, body in live.items() if ref.kind in WORKLOADS]
    return {colour_of(body) for body in makers if selected(live[service], pod_labels(body))}


@generously
@given(releases())
def test_with_two_colours_no_pod_has_two_autoscalers_or_budgets(resources: tuple[Resource, ...]) -> None:
    """The last two moments are those of a release that was taken over: its workload selects the pods of both."""
    live = swapped(drawn(blue_green, resources, {}), {})
    second = drawn(blue_green, resources, live)
    assert all_claimed_twice({**live, **bodies(second.staged)}) == []
    assert all_claimed_twice(swapped(second, live)) == []
    taken = blue_green.take_over(resources, bodies(resources))
    assert taken is not None
    assert all_claimed_twice(bodies(taken)) == []
    over = drawn(blue_green, resources, bodies(taken))
    assert all_claimed_twice({**bodies(taken), **bodies(over.staged)}) == []
    assert all_claimed_twice(swapped(over, bodies(taken))) == []


@generously
@given(releases())
def test_what_is_taken_over_keeps_its_names_and_selectors_and_is_followed_by_green(
    resources: tuple[Resource, ...],
) -> None:
    taken = blue_green.take_over(resources, bodies(resources))
    assert taken is not None
    assert [one.ref for one in taken] == [one.ref for one in resources]
    for before, after in zip(of_kinds(resources, *WORKLOADS), of_kinds(taken, *WORKLOADS), strict=True):
        assert before.body["spec"]["selector"] == after.body["spec"]["selector"]
        assert pod_labels(after.body) == {**pod_labels(before.body), COLOUR: "blue"}
    assert blue_green.take_over(taken, bodies(taken)) is None
    assert drawn(blue_green, resources, bodies(taken)).colour == "green"
