"""The keys of a service. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.bundling import MANIFESTS
from lastgood.pipelines.definition import SERVICE_TYPE
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.keys.manifest import manifests, store
from lastgood.pipelines.keys.variable import twice, variables
from lastgood.pipelines.mistake import Mistake, warning
from lastgood.pipelines.shape import (
    Fields,
    Free,
    Items,
    Key,
    Tagged,
    Words,
    Wrapped,
    choice,
    for_people,
    identifier,
    meaningless,
    name,
    refused,
    text,
    truth,
)

NO_GITOPS = "GitOps is not done here: leave it out"
NO_HOOKS = "hooks are not run here: a ShellScript step before or after does the same"
GIVEN = "the image is given with --artifact, or as an input"
SCOPES = (for_people("orgIdentifier"), for_people("projectIdentifier"))
"""Where something is kept in the product."""

HOOK = Fields(
    (
        Key("identifier", identifier(), required=True),
        Key("storeType", choice("Inline")),
        Key("actions", Items(choice("FetchFiles", "TemplateManifest", "SteadyStateCheck"))),
        Key("store", Fields((Key("content", text("a script")),))),
    )
)
HOOKS = refused("hooks", NO_HOOKS, Items(Wrapped((Key("preHook", HOOK), Key("postHook", HOOK)))))
CONFIG_FILE = Fields(
    (
        Key("identifier", identifier(), required=True),
        Key("spec", Fields((Key("store", store("Inline"), required=True),)), required=True),
    )
)
CONFIG_FILES = Key("configFiles", Items(Wrapped((Key("configFile", CONFIG_FILE),))))

ARTIFACT = Fields(
    (
        Key("primaryArtifactRef", text(empty=True)),
        Key("sources", Items(Fields((
            Key("identifier", identifier(), required=True),
            Key("type", text("a type of artifact"), required=True),
            Key("spec", Free()),
        )))),
        Key("type", text("a type of artifact")),
        Key("spec", Free()),
    )
)  # fmt: skip
SIDECAR = Fields(
    (
        Key("identifier", identifier(), required=True),
        Key("type", text("a type of artifact")),
        Key("spec", Free()),
        Key("sourceType", text("a type of artifact")),
    )
)
ARTIFACTS = Fields((Key("primary", ARTIFACT), Key("sidecars", Items(Wrapped((Key("sidecar", SIDECAR),))))))


def _agree(spec: Entry) -> Iterator[Mistake]:
    """Manifests of one service are rolled back together, so they cannot differ in how."""
    specs = [one.entry("manifest") for one in spec.entries("manifests")]
    mine = [one.entry("spec") for one in specs if one.word("type").text == MANIFESTS]
    for key in ("enableDeclarativeRollback", "skipResourceVersioning"):
        said = [one.word(key).text.strip().lower() or "false" for one in mine]
        for place, word in enumerate(said[1:], 1):
            if word != said[0] and "<+" not in word + said[0]:
                sentence = f"the manifests of a service have to agree on it, and the first one says {said[0]}"
                yield Mistake(mine[place].spot.at(key).steps, sentence)


def distinct(spec: Entry) -> Iterator[Mistake]:
    """No two variables, manifests or config files of a service, or of what overrides one, are called alike."""
    yield from twice(spec.entries("variables"), "name", "variables")
    yield from twice(tuple(one.entry("manifest") for one in spec.entries("manifests")), "identifier", "manifests")
    files = tuple(one.entry("configFile") for one in spec.entries("configFiles"))
    yield from twice(files, "identifier", "config files")


def _something(spec: Entry) -> Iterator[Mistake]:
    kinds = [one.entry("manifest").word("type").text for one in spec.entries("manifests")]
    if MANIFESTS not in kinds:
        yield warning(spec.spot.at("manifests").steps, f"holds no {MANIFESTS}, so that there is nothing to deploy")


SPEC = Fields(
    (
        Key("artifacts", ARTIFACTS),
        manifests(),
        variables(),
        CONFIG_FILES,
        HOOKS,
        meaningless("release", "the release is named by the infrastructure: releaseName"),
        meaningless("manifestConfigurations", "every manifest of the service is deployed"),
        for_people("environmentType"),
    ),
    (_agree, distinct, _something),
)
OTHER_SERVICES = ("NativeHelm", "Ssh", "WinRm", "ECS", "Asg", "ServerlessAwsLambda", "AzureWebApp", "CustomDeployment")
DEFINITION = Tagged(
    "type of service that is deployed here",
    {SERVICE_TYPE: SPEC},
    dict.fromkeys(OTHER_SERVICES, f"is not deployed here: the type has to be {SERVICE_TYPE}"),
)
SERVICE = Fields(
    (
        Key("name", name(), required=True),
        Key("identifier", identifier(), required=True),
        for_people("description"),
        Key("tags", Words()),
        Key("serviceDefinition", DEFINITION, required=True),
        refused("gitOpsEnabled", NO_GITOPS, truth(), default="false"),
        *SCOPES,
    )
)
