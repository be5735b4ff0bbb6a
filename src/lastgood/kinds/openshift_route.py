"""Routes of OpenShift: ready when every router that saw it admits it. Without a router a deploy goes on, and tells it.

https://docs.openshift.com/container-platform/latest/rest_api/network_apis/route-route-openshift-io-v1.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import items, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("route.openshift.io", "Route")

SILENCE = 30.0
"""Seconds in which a router that is there says whether it admits a route."""


def assess(body: Body, _observation: Observation) -> Health:
    """Whether it is admitted; a router that has nothing to do with it does not write into it."""
    early = unsettled(body)
    if early:
        return early
    routers = items(body, "status", "ingress")
    if not routers:
        words = "no router has taken it up"
        return Health(Status.IN_PROGRESS, words, enough_after=SILENCE, rule="status.ingress is empty")
    refused = next((one for one in routers if _admitted(one).get("status") != "True"), None)
    if refused is not None:
        return _refused(text(refused, "routerName", default="a router"), _admitted(refused))
    host = text(routers[0], "host") or text(body, "spec", "host")
    return Health(
        Status.CURRENT, f"is admitted as {host}" if host else "is admitted", rule="condition Admitted is True"
    )


def _admitted(router: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((one for one in items(router, "conditions") if one.get("type") == "Admitted"), {})


def _refused(router: str, said: Mapping[str, Any]) -> Health:
    detail, status = text(said, "message") or text(said, "reason"), text(said, "status", default="not there")
    because = (cause("NotReady", detail=detail),) if detail else ()
    words = f"is not admitted by {router}" if status == "False" else f"is not admitted yet by {router}"
    return Health(Status.IN_PROGRESS, words, because, rule=f"condition Admitted is {status}")


KIND = Kind(
    GROUP_KIND,
    Rank.EDGE,
    assess,
    meaning=Meaning(
        current="every router that saw it says `Admitted`",
        in_progress="a router does not admit it",
        passes=f"one that no router has taken up for {SILENCE:g} s",
    ),
    source="https://github.com/openshift/api/blob/master/route/v1/types.go",
)
