"""The bill of materials names what is locked, all of it and nothing else, and is made the same every time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from lastgood import __version__
from scripts.sbom import LOCK, document, locked

ROOT = Path(__file__).parent.parent
LOCKED = dict(re.findall(r"^([a-z\d.-]+)==(\S+)", LOCK.read_text(), re.MULTILINE))


def made(place: Path, **environment: str) -> bytes:
    """The file, made as ``make sbom`` makes it."""
    clean = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run([sys.executable, "-m", "scripts.sbom", str(place)], check=True, cwd=ROOT, env=clean | environment)
    return place.read_bytes()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return made(tmp_path_factory.mktemp("sbom") / "lastgood.cdx.json").decode()


@pytest.fixture(scope="module")
def bill(text: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(text)
    return read


def test_it_is_valid_cyclonedx(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_it_is_of_this_version(bill: dict[str, Any]) -> None:
    subject = bill["metadata"]["component"]
    assert (subject["name"], subject["version"]) == ("lastgood", __version__)
    assert subject["licenses"] == [{"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}]


def test_every_locked_package_is_in_it_with_its_version_and_no_other(bill: dict[str, Any]) -> None:
    assert len(LOCKED) > 20
    assert {one["name"]: one["version"] for one in bill["components"]} == LOCKED
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in bill["components"])


def test_every_hash_of_the_lock_is_in_it(bill: dict[str, Any]) -> None:
    hashes = [one["content"] for part in bill["components"] for one in part["externalReferences"][0]["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:(\w{64})", LOCK.read_text()))


def test_the_licence_of_every_package_that_is_installed_is_known(bill: dict[str, Any]) -> None:
    """By its SPDX name: what only another platform needs is not installed here, and says nothing."""
    installed = {canonicalize_name(one.name) for one in distributions()}
    spdx = {one["name"] for one in bill["components"] if "id" in one.get("licenses", [{"license": {}}])[0]["license"]}
    assert LOCKED.keys() - spdx == LOCKED.keys() - installed


def test_everything_in_it_is_there_for_a_reason(bill: dict[str, Any]) -> None:
    """From lastgood, by what each package depends on, one comes to all that is installed."""
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    reached, ahead = set[str](), [bill["metadata"]["component"]["bom-ref"]]
    while ahead:
        one = ahead.pop()
        ahead += [each for each in needs[one] if each not in reached]
        reached.add(one)
    missed = [one for one in bill["components"] if one["bom-ref"] not in reached]
    assert [one["name"] for one in missed if not one.get("properties")] == []


def test_it_is_the_same_every_time(text: str, tmp_path: Path) -> None:
    assert made(tmp_path / "again.json", PYTHONHASHSEED="7") == text.encode()
    assert "timestamp" not in text
    assert "serialNumber" not in text


def test_the_time_is_the_one_that_is_given(tmp_path: Path) -> None:
    dated = json.loads(made(tmp_path / "dated.json", SOURCE_DATE_EPOCH="1700000000"))
    assert dated["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


def test_a_package_that_is_not_installed_has_no_licence_and_needs_nothing() -> None:
    (one,) = locked(f"no-such-package==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:{'a' * 64}\n")
    assert (one.marker, one.hashes) == ('sys_platform == "win32"', ("a" * 64,))
    (part,) = json.loads(document([one], ["no-such-package"]))["components"]
    assert "licenses" not in part
    assert part["properties"] == [{"name": "lastgood:marker", "value": 'sys_platform == "win32"'}]


def test_what_makes_it_is_not_needed_to_run() -> None:
    assert [name for name in LOCKED if "cyclonedx" in name] == []
