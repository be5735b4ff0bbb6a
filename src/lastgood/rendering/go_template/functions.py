"""The functions that templates call: sprig's and Helm's from the engine, and ours where those differ from Go's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from gotpl import ContextFunction, RenderContext
from gotpl.exts.helm import HelmExtension
from gotpl.runtime.sync_vm import _builtin_functions  # the engine names them nowhere else, and its version is pinned

from lastgood.emitting import emit
from lastgood.errors import ManifestError
from lastgood.parsing import parse
from lastgood.rendering.go_template.numbers import as_go, as_json

Function = Callable[..., Any]

NO_VALUE = "<no value>"
"""What Go prints for a value that is not there."""

MISFIT = re.compile(r"%!(?:[a-zA-Z]?\(|\(EXTRA)")
REMOVED = frozenset({"call", "env", "expandenv", "getHostByName", "lookup"})


class Unprintable(Exception):
    """A template prints a value that is not there, and must not."""


def functions(*, strict: bool) -> dict[str, Function]:
    """Every function by its name in templates, those of the language included."""
    theirs = {**_builtin_functions("go"), **HelmExtension(custom_functions=OURS).functions}
    kept = {name: function for name, function in theirs.items() if name not in REMOVED}
    tpl = _tpl_strictly if strict else _tpl
    return {
        **kept,
        **({"printf": _strict_printf(kept["printf"])} if strict else {}),
        "include": ContextFunction(sync=_include, capabilities=frozenset({"render-associated"})),
        "tpl": ContextFunction(sync=tpl, capabilities=frozenset({"render-dynamic-source"})),
    }


def _strict_printf(printf: Function) -> Function:
    """Go prints a value that a format does not fit as ``%!d(float64=3)``; nobody wants that in a manifest."""

    def strict(text: str, *values: object) -> str:
        printed = str(printf(text, *values))
        if MISFIT.search(printed):
            raise Unprintable("printf is given a value that its format does not fit: convert it with int or toString")
        return printed

    return strict


def _include(context: RenderContext, name: str, data: object) -> str:
    return str(context.render_template(name, data))


def _tpl(context: RenderContext, text: str, data: object) -> str:
    return str(context.render_source(text, data, name="tpl"))


def _tpl_strictly(context: RenderContext, text: str, data: object) -> str:
    rendered = _tpl(context, text, data)
    if NO_VALUE in rendered:
        raise Unprintable("the template given to tpl prints a value that is not there")
    return rendered


def _to_yaml(value: object) -> str:
    return emit(as_json(value), sort_keys=True).removesuffix("\n")


def _from_yaml(text: str) -> Any:
    """A mapping. As in Helm, what went wrong stands under ``Error``."""
    try:
        value = _parsed(text)
    except ManifestError as error:
        return {"Error": error.problem}
    return value if isinstance(value, dict) else {}


def _from_yaml_array(text: str) -> Any:
    try:
        value = _parsed(text)
    except ManifestError as error:
        return [error.problem]
    return value if isinstance(value, list) else []


def _from_json(text: str) -> Any:
    try:
        value = as_go(json.loads(text))
    except ValueError as error:
        return {"Error": str(error)}
    return value if isinstance(value, dict) else {}


def _from_json_array(text: str) -> Any:
    try:
        value = as_go(json.loads(text))
    except ValueError as error:
        return [str(error)]
    return value if isinstance(value, list) else []


def _parsed(text: str) -> Any:
    documents = parse(text, "fromYaml")
    return as_go(documents[0].value) if documents else {}


OURS: Mapping[str, Function] = {
    "toYaml": _to_yaml,
    "mustToYaml": _to_yaml,
    "toYamlPretty": _to_yaml,
    "fromYaml": _from_yaml,
    "fromYamlArray": _from_yaml_array,
    "fromJson": _from_json,
    "fromJsonArray": _from_json_array,
}
