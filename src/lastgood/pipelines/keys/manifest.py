"""Manifests and the stores that they are read from. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lastgood.pipelines.bundling import MANIFESTS
from lastgood.pipelines.contents import VALUES
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.mistake import Mistake, warning
from lastgood.pipelines.settings import IGNORED
from lastgood.pipelines.shape import (
    Fields,
    Items,
    Key,
    Tagged,
    Wrapped,
    choice,
    identifier,
    meaningless,
    refused,
    text,
    truth,
)
from lastgood.pipelines.stores import GIT, HARNESS, INHERIT, INLINE

RENDERED_FIRST = "comes later: render it first, and name what comes out in a manifest of type K8sManifest"
CLONED_FIRST = "is not read here: clone it first, and name its files in a store of type Harness (a local folder)"
OTHER_STORES = ("CustomRemote", "Http", "S3", "S3Url", "Gcs", "OciHelmChart", "Artifactory")
OTHER_TYPES = (
    "HelmChart",
    "HelmRepoOverride",
    "Kustomize",
    "KustomizePatches",
    "OpenshiftTemplate",
    "OpenshiftParam",
)
NO_SECRET_STORE = "there is no secret store here: put the files into a folder of the file store"


def _one_place(spec: Entry) -> Iterator[Mistake]:
    if "paths" in spec and "folderPath" in spec:
        yield Mistake(spec.spot.at("folderPath").steps, "cannot stand beside paths: leave one out")
    if spec.word("gitFetchType").text == "Commit" and not spec.word("commitId").text:
        yield Mistake(spec.spot.at("commitId").steps, "is missing, and gitFetchType is Commit")


GIT_SPEC = Fields(
    (
        Key("connectorRef", text()),
        Key("gitFetchType", choice("Branch", "Commit")),
        Key("branch", text()),
        Key("commitId", text()),
        Key("repoName", text()),
        Key("paths", Items(text("a path"), least=1)),
        Key("folderPath", text("a path")),
    ),
    (_one_place,),
)
HARNESS_SPEC = Fields((Key("files", Items(text("a path"), least=1)), refused("secretFiles", NO_SECRET_STORE)))
INLINE_SPEC = Fields((Key("content", text(), required=True),))
INHERITED_SPEC = Fields((Key("paths", Items(text("a path"), least=1), required=True),))
SPECS = {
    HARNESS: HARNESS_SPEC,
    INLINE: INLINE_SPEC,
    INHERIT: INHERITED_SPEC,
    **dict.fromkeys(GIT, GIT_SPEC),
}


@cache
def store(*more: str) -> Tagged:
    """Where files come from: the stores that a deploy reads, and ``more``."""
    known = {HARNESS, *GIT, *more}
    others = {name: CLONED_FIRST for name in (*SPECS, *OTHER_STORES) if name not in known}
    cases = {name: spec for name, spec in SPECS.items() if name in known}
    return Tagged("type of store that is read here", cases, others, (meaningless("metadata", "it is not read"),))


def _alike(spec: Entry) -> Iterator[Mistake]:
    """https://developer.harness.io/docs/continuous-delivery/deploy-srv-diff-platforms/kubernetes/kubernetes-rollback"""
    says = [spec.word(key).text.strip().lower() for key in ("enableDeclarativeRollback", "skipResourceVersioning")]
    if says == ["true", "true"]:
        yield warning(spec.spot.at("skipResourceVersioning").steps, IGNORED)


FLAGS_ELSEWHERE = "flags are said at the step that runs the command: commandFlags of K8sRollingDeploy and its like"
CHARTS = "belongs to charts, which come later"

MANIFEST_SPEC = Fields(
    (
        Key("store", store(), required=True),
        Key("valuesPaths", Items(text("a path"))),
        Key("optionalValuesYaml", truth(), default="false"),
        Key("skipResourceVersioning", truth(), default="false"),
        Key("enableDeclarativeRollback", truth(), default="false"),
        refused("commandFlags", FLAGS_ELSEWHERE),
        *(
            refused(key, CHARTS)
            for key in ("chartName", "chartVersion", "helmVersion", "subChartPath", "fetchHelmChartMetadata")
        ),
        *(refused(key, "belongs to OpenShift and Kustomize, which come later")
          for key in ("paramsPaths", "patchesPaths", "overlayConfiguration")),
    ),
    (_alike,),
)  # fmt: skip
VALUES_SPEC = Fields((Key("store", store(INLINE, INHERIT), required=True),))


def manifests(key: str = "manifests", *types: str) -> Key:
    """The key of a list of manifests; ``types`` where only some may stand there."""
    return Key(key, Items(_manifest(*types)))


@cache
def _manifest(*types: str) -> Wrapped:
    specs = {MANIFESTS: MANIFEST_SPEC, VALUES: VALUES_SPEC}
    cases = {name: spec for name, spec in specs.items() if not types or name in types}
    others = dict.fromkeys(OTHER_TYPES, RENDERED_FIRST)
    others |= {name: f"cannot stand here, but only {' or '.join(types)}" for name in specs if name not in cases}
    shape = Tagged("type of manifest", cases, others, (Key("identifier", identifier(), required=True),))
    return Wrapped((Key("manifest", shape),))
