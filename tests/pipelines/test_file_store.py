"""The file store as a folder: what an entry names, and that nothing leads out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lastgood.errors import SettingError
from lastgood.model.source import File
from lastgood.pipelines.file_store import FileStore
from lastgood.pipelines.spots import Spot
from tests.pipelines.shop import Shop

HERE = Spot(File("service.yaml", "files: x\n"), ("files",))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    names = ("/My Folder/b.yaml", "/My Folder/templates/a.yml", "/My Folder/notes.txt", "/values.yaml")
    shop = Shop(tmp_path)
    for name in (
        *names,
        "/My Folder/values.yaml",
        "/My Folder/lastgood.yaml",
        "/My Folder/.hidden/x.yaml",
        "/My Folder/.x.yaml",
    ):
        shop.put(name, f"# {name}\n")
    return shop


def manifests(shop: Shop, entry: str) -> list[str]:
    return [file.name for file in FileStore(shop.store).manifests(entry, HERE)]


def refused(shop: Shop, entry: str) -> SettingError:
    with pytest.raises(SettingError) as caught:
        manifests(shop, entry)
    return caught.value


@pytest.mark.parametrize("entry", ["/My Folder", "My Folder", "/My Folder/", "account:/My Folder", "org:/My Folder"])
def test_a_folder_gives_the_yaml_files_in_it_and_below(shop: Shop, entry: str) -> None:
    """Values files, a configuration, hidden files and files of other kinds are no manifests."""
    assert manifests(shop, entry) == ["/My Folder/b.yaml", "/My Folder/templates/a.yml"]


def test_an_entry_may_be_a_file(shop: Shop) -> None:
    assert manifests(shop, "/My Folder/templates/a.yml") == ["/My Folder/templates/a.yml"]


def test_a_file_of_another_kind_is_no_manifest(shop: Shop) -> None:
    assert str(refused(shop, "/My Folder/notes.txt")).endswith("/My Folder/notes.txt is no .yaml or .yml file")


def test_a_folder_knows_its_values_file(shop: Shop) -> None:
    store = FileStore(shop.store)
    assert [file.name for file in store.folder_values("/My Folder", HERE)] == ["/My Folder/values.yaml"]
    assert store.folder_values("/My Folder/templates", HERE) == ()
    assert store.folder_values("/My Folder/b.yaml", HERE) == ()


def test_what_is_not_there_is_named_with_what_is(shop: Shop) -> None:
    error = refused(shop, "/My Foldr")
    assert str(error) == "service.yaml:1: files: there is no /My Foldr"
    assert error.hint == f"did you mean My Folder? in {shop.store} there is My Folder/, values.yaml"
    deeper = refused(shop, "/My Folder/tmp/x.yaml").hint
    assert "in /My Folder of the file store" in deeper


def test_a_folder_is_no_file(shop: Shop) -> None:
    with pytest.raises(SettingError, match="/My Folder is a folder, and a file is wanted"):
        FileStore(shop.store).file("/My Folder", HERE)


def test_a_store_has_to_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="there is no folder"):
        FileStore(tmp_path / "nope")


@pytest.mark.parametrize("entry", ["../secret.yaml", "/My Folder/../../secret.yaml", "account:/../secret.yaml", "/.."])
def test_no_path_leads_out_of_the_store(shop: Shop, entry: str) -> None:
    (shop.folder / "secret.yaml").write_text("a: b\n")
    assert "leads out of the file store" in str(refused(shop, entry))


def test_paths_go_down_from_the_root_only(shop: Shop) -> None:
    error = refused(shop, "/My Folder/../values.yaml")
    assert error.hint == "write it from the store's root"


def test_no_link_leads_out_of_the_store(shop: Shop) -> None:
    (shop.folder / "secret.yaml").write_text("a: b\n")
    (shop.store / "My Folder" / "link.yaml").symlink_to(shop.folder / "secret.yaml")
    assert "is a link that leads out of the file store" in str(refused(shop, "/My Folder"))
    assert "is a link that leads out of the file store" in str(refused(shop, "/My Folder/link.yaml"))


def test_a_link_to_a_folder_outside_is_refused_as_well(shop: Shop) -> None:
    (shop.folder / "other").mkdir()
    (shop.store / "out").symlink_to(shop.folder / "other")
    assert "leads out" in str(refused(shop, "/out"))
    (shop.store / "My Folder" / "out").symlink_to(shop.folder / "other")
    assert "leads out" in str(refused(shop, "/My Folder"))


@pytest.mark.parametrize("entry", ["/loop", "/a\0b"])
def test_a_path_that_cannot_be_followed_is_told(shop: Shop, entry: str) -> None:
    (shop.store / "loop").symlink_to(shop.store / "loop")
    refused(shop, entry)


def test_links_within_the_store_are_followed_once(shop: Shop) -> None:
    """As in a mounted ConfigMap, whose files are links; a folder that links to itself ends."""
    (shop.store / "linked").symlink_to(shop.store / "My Folder")
    (shop.store / "My Folder" / "again").symlink_to(shop.store / "My Folder")
    assert manifests(shop, "/linked") == ["/linked/b.yaml", "/linked/templates/a.yml"]


@pytest.mark.parametrize(
    ("first", "deployed"),
    [
        ("# harness.io/skip-file-for-deploy\n", False),
        ("# harness.io/skip-file-for-deploy\r\n", False),
        ("# harness.io/skip-file-for-deploy\n\n", False),
        ("#harness.io/skip-file-for-deploy\n", True),
        ("# harness.io/skip-file-for-deploy please\n", True),
        ("\n# harness.io/skip-file-for-deploy\n", True),
    ],
)
def test_a_file_may_say_that_it_is_not_deployed(tmp_path: Path, first: str, *, deployed: bool) -> None:
    """Only its very first line can, word for word."""
    shop = Shop(tmp_path)
    (shop.store / "app").mkdir(parents=True)
    (shop.store / "app" / "a.yaml").write_bytes(first.encode() + b"a: b\n")
    assert manifests(shop, "/app") == (["/app/a.yaml"] if deployed else [])
