"""What a pod asks of a node, read from its spec: amounts, ports, labels, claims. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from lastgood.model.quantity import BINARY, quantity
from lastgood.model.reading import at, items, part, text, words

Spec = Mapping[str, Any]

REQUIRED = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")

_OPERATORS = {"In": "in", "NotIn": "not in", "Exists": "exists", "DoesNotExist": "is not there", "Gt": ">", "Lt": "<"}


def asked(spec: Spec, resource: str) -> str:
    """How much of a resource the whole pod requests, as Kubernetes would write it: ``64Gi``, ``1500m``.

    https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
    """
    whole, beside = _request(spec, resource), _number(at(spec, "overhead", resource))
    if whole:
        return whole
    first = items(spec, "initContainers")
    running = [*items(spec, "containers"), *(one for one in first if _stays(one))]
    amounts = [_request(one, resource) for one in running if _request(one, resource)]
    if len(amounts) == 1 and len(first) == 0 and not beside:
        return amounts[0]
    together = sum(map(_number, amounts), Fraction(0))
    most = max((together, *(_number(_request(one, resource)) for one in first if not _stays(one))))
    return _written(most + beside)


def ports(spec: Spec) -> str:
    """The ports of the node itself."""
    found = (at(port, "hostPort") for one in items(spec, "containers") for port in items(one, "ports"))
    return ", ".join(f"host port {port}" for port in found if port)


def selector(spec: Spec) -> str:
    """The labels of its node selector: ``a node with disk=gold``."""
    labels = ", ".join(f"{name}={value}" for name, value in part(spec, "nodeSelector").items())
    return f"a node with {labels}" if labels else ""


def affinity(spec: Spec) -> str:
    """What its node affinity requires, terms that stand for one another joined by ``or``, after the selector."""
    terms = [_term(term) for term in items(spec, *REQUIRED, "nodeSelectorTerms")]
    wanted = " or ".join(filter(None, terms))
    chosen = selector(spec)
    return f"{f'{chosen} and' if chosen else 'a node with'} {wanted}" if wanted else ""


def claims(spec: Spec) -> str:
    """The claims that its volumes name."""
    found = (text(one, "persistentVolumeClaim", "claimName") for one in items(spec, "volumes"))
    return ", ".join(filter(None, found))


def _stays(init: Spec) -> bool:
    return text(init, "restartPolicy") == "Always"


def _term(term: Spec) -> str:
    return ", ".join(map(_rule, (*items(term, "matchExpressions"), *items(term, "matchFields"))))


def _rule(rule: Spec) -> str:
    """``zone in (a, b)``, ``disk exists``."""
    values, operator = ", ".join(words(rule, "values")), text(rule, "operator")
    return f"{text(rule, 'key')} {_OPERATORS.get(operator, operator)}{f' ({values})' if values else ''}"


def _request(holder: Spec, resource: str) -> str:
    return str(at(holder, "resources", "requests", resource) or "")


def _number(written: Any) -> Fraction:
    try:
        return quantity(str(written)) if written else Fraction(0)
    except ValueError:
        return Fraction(0)


def _written(number: Fraction) -> str:
    """In the largest unit that leaves a whole number; nothing for nothing."""
    if not number:
        return ""
    for unit, size in sorted(BINARY.items(), key=lambda one: -one[1]):
        if number >= size and (number / size).denominator == 1:
            return f"{number / size}{unit}"
    return str(number) if number.denominator == 1 else f"{int(number * 1000)}m"
