"""Environments, their infrastructure definitions, and overrides. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lastgood.model.naming import LONGEST, RULE, is_release_name
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.expressions import has_expression
from lastgood.pipelines.keys.manifest import manifests
from lastgood.pipelines.keys.service import CONFIG_FILES, SCOPES, distinct
from lastgood.pipelines.keys.variable import variables
from lastgood.pipelines.mistake import Mistake
from lastgood.pipelines.settings import RELEASE_NAME_KEY
from lastgood.pipelines.shape import (
    Fields,
    Items,
    Key,
    Tagged,
    Words,
    better,
    choice,
    for_people,
    identifier,
    name,
    refused,
    text,
    truth,
)

DIRECT = "KubernetesDirect"
THE_KUBECONFIG = f"is not asked for clusters here: write it as {DIRECT}; the kubeconfig leads to the cluster"
OTHER_CLUSTERS = ("KubernetesGcp", "KubernetesAzure", "KubernetesAws", "KubernetesRancher")
NO_PROVISIONER = "nothing is provisioned here: do it before, or in a ShellScript step"
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
EXPRESSION = re.compile(r"<\+[^>]*>+")
OVERRIDE_TYPES = {
    "ENV_GLOBAL_OVERRIDE": ("environmentRef",),
    "ENV_SERVICE_OVERRIDE": ("environmentRef", "serviceRef"),
    "INFRA_GLOBAL_OVERRIDE": ("environmentRef", "infraIdentifier"),
    "INFRA_SERVICE_OVERRIDE": ("environmentRef", "infraIdentifier", "serviceRef"),
}
"""From low to high, each with what it is about: a later one wins."""

NO_CLUSTERS = "clusters of GitOps are not deployed to here"
OTHER_OVERRIDES = dict.fromkeys(("CLUSTER_GLOBAL_OVERRIDE", "CLUSTER_SERVICE_OVERRIDE"), NO_CLUSTERS)


def _release_name(spec: Entry) -> Iterator[Mistake]:
    """Pods carry it as a label: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"""
    word = spec.word(RELEASE_NAME_KEY)
    sample = EXPRESSION.sub("x", word.text)
    if len(sample) > LONGEST:
        sentence = f"has {len(sample)} characters, and pods carry it as a label: at most {LONGEST}"
        yield Mistake(word.spot.steps, sentence)
    elif word.text and not is_release_name(sample):
        yield Mistake(word.spot.steps, f'"{word.text}" cannot be the name of a release: {RULE}')


def _namespace(spec: Entry) -> Iterator[Mistake]:
    word = spec.word("namespace")
    if word.text and not has_expression(word.text) and not DNS_LABEL.fullmatch(word.text):
        yield Mistake(word.spot.steps, f'"{word.text}" cannot be the name of a namespace')


DIRECT_SPEC = Fields(
    (
        better("connectorRef", text(), "the kubeconfig leads to the cluster; --context chooses among several"),
        Key("namespace", text("a namespace"), required=True),
        better(RELEASE_NAME_KEY, text("a name"), "checked here for what would break a pod's label"),
        refused("provisioner", NO_PROVISIONER),
    ),
    (_release_name, _namespace),
)
INFRASTRUCTURE_CASES = {DIRECT: DIRECT_SPEC}
INFRASTRUCTURE_REFUSED = dict.fromkeys(OTHER_CLUSTERS, THE_KUBECONFIG)
ONE_AT_A_TIME = better(
    "allowSimultaneousDeployments",
    truth(),
    "of one release one run works at a time, whatever it says; of others any number",
    default="false",
)
INFRASTRUCTURE = Tagged(
    "type of infrastructure",
    INFRASTRUCTURE_CASES,
    INFRASTRUCTURE_REFUSED,
    (
        Key("name", name(), required=True),
        Key("identifier", identifier(), required=True),
        for_people("description"),
        Key("tags", Words()),
        *SCOPES,
        Key("environmentRef", text("the identifier of an environment"), required=True),
        Key("deploymentType", choice("Kubernetes")),
        ONE_AT_A_TIME,
        Key("scopedServices", Items(text("the identifier of a service"))),
    ),
)


ENVIRONMENT = Fields(
    (
        Key("name", name(), required=True),
        Key("identifier", identifier(), required=True),
        for_people("description"),
        Key("tags", Words()),
        *SCOPES,
        Key("type", choice("PreProduction", "Production"), required=True),
        variables(),
        Key("overrides", Fields((manifests("manifests", "Values"), CONFIG_FILES), (distinct,))),
    ),
    (distinct,),
)
OVERRIDING = (variables(), manifests("manifests", "Values"), CONFIG_FILES)
"""What may be overridden."""

NOT_KUBERNETES = "is not about Kubernetes: leave it out"


def _about(entry: Entry) -> Iterator[Mistake]:
    """What the type says it is about has to be named, and nothing else."""
    kind = entry.word("type").text
    wanted = OVERRIDE_TYPES.get(kind)
    for key in ("environmentRef", "infraIdentifier", "serviceRef") if wanted else ():
        if key in (wanted or ()) and key not in entry:
            yield Mistake(entry.spot.at(key).steps, f"is missing, and the type is {kind}")
        if key not in (wanted or ()) and key in entry:
            yield Mistake(entry.spot.at(key).steps, f"cannot stand here: the type is {kind}")


def _in_one_place(entry: Entry) -> Iterator[Mistake]:
    """Where there is a spec, nothing beside it counts."""
    for key in (one.name for one in OVERRIDING if "spec" in entry and one.name in entry):
        yield Mistake(entry.spot.at(key).steps, "is not read beside spec: write it there")


OVERRIDES = Fields(
    (
        for_people("identifier"),
        *SCOPES,
        Key("type", choice(*OVERRIDE_TYPES, refused=OTHER_OVERRIDES, literal=True), required=True),
        Key("environmentRef", text("the identifier of an environment")),
        Key("serviceRef", text("the identifier of a service")),
        Key("infraIdentifier", text("the identifier of an infrastructure")),
        refused("clusterIdentifier", NO_CLUSTERS),
        Key("spec", Fields((*OVERRIDING, refused("applicationSettings", NOT_KUBERNETES),
                            refused("connectionStrings", NOT_KUBERNETES)), (distinct,))),
        *OVERRIDING,
    ),
    (_about, _in_one_place, distinct),
)  # fmt: skip
SERVICE_OVERRIDES = Fields(
    (
        *SCOPES,
        Key("environmentRef", text("the identifier of an environment"), required=True),
        Key("serviceRef", text("the identifier of a service"), required=True),
        *OVERRIDING,
    ),
    (distinct,),
)
"""The older form of ``ENV_SERVICE_OVERRIDE``."""
