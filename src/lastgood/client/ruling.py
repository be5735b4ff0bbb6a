"""Users' own rules of health, and a deployer that judges by them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lastgood.client.settings import HealthRules
from lastgood.client.sources import as_json
from lastgood.deployer import Deployer
from lastgood.errors import ManifestError, SettingError
from lastgood.loading import read_file
from lastgood.model.rule import Rules
from lastgood.ruling.cluster import RuledCluster
from lastgood.ruling.reading import read_rules


async def ruled(deployer: Deployer, rules: HealthRules | None) -> Deployer:
    """The same, which judges health by these rules too. A file is read now, in a thread; raises ``SettingError``."""
    if rules is None:
        return deployer
    return replace(deployer, cluster=RuledCluster(deployer.cluster, await asyncio.to_thread(rules_of, rules)))


def rules_of(given: HealthRules | None) -> Rules:
    """The rules in a file, or in a mapping that is what such a file holds. Raises ``SettingError``."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return read_rules(_written(given), "health_rules")
    file = os.fspath(given)
    try:
        return read_rules(read_file(Path(file), file).text, file)
    except ManifestError as error:
        raise SettingError(str(error), hint=error.hint) from error


def _written(given: Mapping[str, object]) -> str:
    try:
        return as_json(given, "health_rules")
    except ManifestError as error:
        raise SettingError(str(error)) from error
