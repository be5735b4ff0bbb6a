"""``<+configFile.getAsString("ID")>`` and ``getAsBase64``: the text of a config file, with expressions replaced."""

from __future__ import annotations

import base64
import difflib
import re

from lastgood.errors import SettingError
from lastgood.pipelines.contents import ConfigFile
from lastgood.pipelines.definition import Service
from lastgood.pipelines.expressions import Known, Part, Scope
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stores import Stores

CALL = re.compile(r"""configFile\.(getAsString|getAsBase64)\(\s*(["'])(.*?)\2\s*\)""")
BASE64 = "getAsBase64"


def config_files_part(service: Service, stores: Stores, scope: Scope) -> Part:
    """The scope's part that knows them; ``scope`` evaluates their paths and what stands in them."""
    files = {one.identifier: one for one in service.config_files}

    def lookup(name: str) -> Known | None:
        found = CALL.fullmatch(name)
        if not found:
            return None
        if found[3] not in files:
            near = difflib.get_close_matches(found[3], files, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(files) or 'none'}"
            return Known(None, why=f"names no config file of the service {service.identifier}", hint=hint)
        text = _text(files[found[3]], stores, scope)
        return Known(base64.b64encode(text.encode()).decode() if found[1] == BASE64 else text)

    return Part(lookups=(lookup,))


def _text(one: ConfigFile, stores: Stores, scope: Scope) -> str:
    words = stores.entries(one.store)
    if len(words) != 1:
        raise SettingError(
            f"{one.spot}: has {len(words)} files, and an expression stands for one", hint="name one file"
        )
    entry = scope.evaluate(words[0].text, words[0].spot)
    file = stores.shelf(one.store, scope, entry).file(entry, words[0].spot)
    return scope.evaluate(file.text, Spot(file))
