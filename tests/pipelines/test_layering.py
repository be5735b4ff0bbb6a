"""What overrides what: from the service up to the step, whatever the order in which layers are given."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from lastgood.errors import SettingError
from lastgood.model.source import File
from lastgood.parsing import as_written, parse
from lastgood.pipelines.definition import read_service
from lastgood.pipelines.file_store import FileStore
from lastgood.pipelines.layering import LEVELS, Laid, Layer, Level, Reach, laid, read_layer
from lastgood.pipelines.scoping import Setting
from lastgood.pipelines.service import ServiceRelease, release_of
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stores import Stores
from tests.pipelines.shop import Shop, data_of, service_text

OVERRIDE = """\
variables:
  - {{name: size, type: String, value: "{size}"}}
manifests:
  - manifest:
      identifier: {identifier}
      type: Values
      spec:
        store: {{type: Harness, spec: {{files: [/{identifier}.yaml]}}}}
"""


def layer(name: str, level: Level, reach: Reach = Reach.PROJECT, *, text: str = "") -> Layer:
    file = File(f"{name}-override.yaml", text or OVERRIDE.format(size=name, identifier=name))
    (document,) = parse(file.text, file.name, scalar=as_written)
    return read_layer(document.value, Spot(file), name=f"override {name}", level=level, reach=reach)


LAYERS = [
    layer("env", Level.ENVIRONMENT),
    layer("envservice", Level.ENVIRONMENT_SERVICE),
    layer("infra", Level.INFRASTRUCTURE),
    layer("infraservice", Level.INFRASTRUCTURE_SERVICE),
    layer("step", Level.STEP),
]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.put("/app/values.yaml", "folder: 0\npath: 0\n" + "".join(f"{name}: 0\n" for name in NAMES))
    shop.put("/values.yaml", "path: 1\n" + "".join(f"{name}: 1\n" for name in NAMES))
    for place, name in enumerate(NAMES):
        shop.put(f"/{name}.yaml", "".join(f"{one}: '{name}'\n" for one in NAMES[place:]))
    return shop.config(**{name: f"'{{{{ .Values.{name} }}}}'" for name in ("folder", "path", *NAMES)})


NAMES = ["env", "envservice", "infra", "infraservice", "step"]


def load(shop: Shop, *layers: Layer, variable: str = "size") -> ServiceRelease:
    file = File("service.yaml", service_text(values="[/values.yaml]", variables={variable: "S"}))
    return release_of(read_service(file), Setting(), Stores(FileStore(shop.store)), layers)


def size(whole: Laid) -> str:
    return next(one.value.text for one in whole.service.variables if one.name == "size")


def test_each_place_of_values_lies_over_those_before_it(shop: Shop) -> None:
    """Folder, valuesPaths, then overrides from the environment's to the step's."""
    assert data_of(load(shop, *LAYERS)) == {"folder": "0", "path": "1", **{name: name for name in NAMES}}


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::17])
def test_the_order_in_which_layers_are_given_means_nothing(shop: Shop, order: tuple[int, ...]) -> None:
    assert load(shop, *(LAYERS[place] for place in order)).resources == load(shop, *LAYERS).resources


def test_a_variable_is_the_highest_layer_s_and_its_way_is_told(shop: Shop) -> None:
    service = read_service(File("service.yaml", service_text(variables={"size": "S"})))
    for count, name in enumerate(NAMES, 1):
        whole = laid(service, LAYERS[:count])
        assert size(whole) == name
        assert whole.layers["size"] == ("service", *(f"override {one}" for one in NAMES[:count]))
    assert "variable size from step-override.yaml:2 (override step)" in load(shop, *LAYERS).origins


def test_a_value_s_way_is_told(shop: Shop) -> None:
    told = load(shop, LAYERS[0]).origins
    assert 'dev: env = "env" from /env.yaml:1 (override env), over /app/values.yaml:3, /values.yaml:2' in told
    assert "dev: folder = 0 from /app/values.yaml:1" in told


def test_what_is_nearer_wins_within_one_level(shop: Shop) -> None:
    reaches = {reach: layer(reach.name.lower(), Level.ENVIRONMENT, reach) for reach in Reach}
    service = read_service(File("service.yaml", service_text(variables={"size": "S"})))
    assert size(laid(service, reaches.values())) == "project"
    assert size(laid(service, (reaches[Reach.ORG], reaches[Reach.ACCOUNT]))) == "org"
    infrastructure = layer("far", Level.INFRASTRUCTURE, Reach.ACCOUNT)
    assert size(laid(service, (infrastructure, *reaches.values()))) == "far"


def test_a_layer_may_bring_a_variable_of_its_own(shop: Shop) -> None:
    shop.put("/values.yaml", "path: <+serviceVariables.size>\n" + "".join(f"{name}: 1\n" for name in NAMES))
    assert data_of(load(shop, LAYERS[0], variable="other"))["path"] == "env"


def test_a_manifest_with_the_same_identifier_takes_the_place_of_the_service_s(shop: Shop) -> None:
    shop.config("/other/config.yaml", only="x")
    text = service_text(files="[/other]").split("      manifests:\n")[1].split("      variables")[0]
    override = layer("env", Level.ENVIRONMENT, text="manifests:\n" + text)
    assert data_of(load(shop, override)) == {"only": "x"}


def test_a_config_file_is_overridden_like_a_variable(shop: Shop) -> None:
    text = """\
    configFiles:
      - configFile:
          identifier: motd
          spec: {store: {type: Harness, spec: {files: [%s]}}}
    """
    shop.put("/one.txt", "one").put("/two.txt", "two <+service.name>")
    shop.put("/values.yaml", "path: <+configFile.getAsString('motd')>\n" + "".join(f"{name}: 1\n" for name in NAMES))
    low = layer("env", Level.ENVIRONMENT, text=text % "/one.txt")
    high = layer("infra", Level.INFRASTRUCTURE, text=text % "/two.txt")
    assert data_of(load(shop, low))["path"] == "one"
    assert data_of(load(shop, high, low))["path"] == "two shop"


def test_every_type_of_override_has_its_level() -> None:
    assert list(LEVELS.values()) == sorted(LEVELS.values())
    assert set(LEVELS.values()) == set(Level) - {Level.STEP}


def test_a_mistake_in_a_layer_is_told_with_its_place() -> None:
    with pytest.raises(
        SettingError, match=r"^env-override\.yaml:2: variables\[0\]\.type: Strin is no type of variable"
    ):
        layer("env", Level.ENVIRONMENT, text="variables:\n  - {name: a, type: Strin, value: b}\n")
