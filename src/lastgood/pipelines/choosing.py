"""Which resources a step is about that names them itself: files below the manifests of a service, or names."""

from __future__ import annotations

from dataclasses import replace

from lastgood import operating
from lastgood.model.resource import Ref, Resource
from lastgood.pipelines.contents import VALUES, Manifest, read_manifests
from lastgood.pipelines.definition import Service, with_files
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.hands import Hands
from lastgood.pipelines.layering import Level, read_layer
from lastgood.pipelines.nodes import Node, Word
from lastgood.pipelines.service import release_of

STEP = "step"


def chosen(hands: Hands) -> tuple[Resource, ...]:
    """The manifests of an Apply step, rendered with the values of service and step. Raises ``InputError``."""
    spec, service = hands.step.spec, hands.ground.service
    plain = hands.is_true("skipRendering")
    if "manifestSource" not in spec:
        return _rendered(hands, with_files(service, _words(hands, "filePaths", spec), plain=plain))
    values = tuple(one for one in service.manifests if one.type == VALUES)
    own = replace(_of_source(spec.entry("manifestSource")), plain=plain)
    return _rendered(hands, replace(service, manifests=(own, *values)))


async def named(hands: Hands, resources: Entry) -> tuple[Ref, ...]:
    """What a step names: by ``resourceNames``, by files, or everything that runs of the release."""
    spec = resources.entry("spec")
    kind = resources.word("type").text
    if kind == "ResourceName":
        return await operating.find(hands.site, hands.texts("resourceNames", spec))
    if kind == "ManifestPath":
        everything = hands.is_true("allManifestPaths", spec)
        found = hands.ground.release().resources if everything else _files(hands, spec)
        return await operating.refs_in(hands.site, found)
    good = (await hands.history()).last_good
    release = await hands.deployer.show(hands.name, good.number) if good else None
    return tuple(one.ref for one in release.workloads) if release else ()


def _files(hands: Hands, spec: Entry) -> tuple[Resource, ...]:
    return _rendered(hands, with_files(hands.ground.service, _words(hands, "manifestPaths", spec)))


def _rendered(hands: Hands, service: Service) -> tuple[Resource, ...]:
    ground, spec, layers = hands.ground, hands.step.spec, hands.ground.layers
    if "overrides" in spec:
        own = {"manifests": spec.plain()["overrides"]}
        layers = (*layers, read_layer(own, spec.spot, name=STEP, level=Level.STEP))
    return release_of(service, ground.setting, ground.stores, layers).resources


def _words(hands: Hands, key: str, spec: Entry) -> tuple[Word, ...]:
    return tuple(replace(word, text=hands.evaluated(word)) for word in spec.words(key))


def _of_source(source: Entry) -> Manifest:
    value = {"manifests": [{"manifest": {"identifier": STEP, **source.plain()}}]}
    return read_manifests(Node(value, source.spot))[0]
