"""``lastgood lint``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lastgood.cli import candidates
from lastgood.cli.commands import codes
from lastgood.cli.options import argument, command, option

if TYPE_CHECKING:
    from lastgood.cli.running import Session
    from lastgood.pipelines.inspecting import Inspected


def lint(session: Session, *, files: Sequence[str], recursive: bool, strict: bool) -> int:
    """Find every mistake in the files of a pipeline, without a cluster.

    FILES are services, environments, infrastructure definitions, overrides, stages and pipelines, folders with them, or
    - for stdin. Each mistake has its line and column; a warning does not keep a file from being run. Names in one file
    that none of the others has are found too.
    """
    from lastgood.cli.pages.lint import LintPage  # noqa: PLC0415  # --help needs none of it
    from lastgood.pipelines.linking import linked  # noqa: PLC0415

    found = linked(tuple(_inspected(session, files, recursive=recursive)))
    page = LintPage(found, strict=strict)
    session.report.show(page)
    return page.exit_code


def _inspected(session: Session, sources: Sequence[str], *, recursive: bool) -> Iterator[Inspected]:
    """Of a folder, what is none of these files is passed over: manifests and values are plan's business."""
    from lastgood.errors import SettingError  # noqa: PLC0415  # --help needs none of it
    from lastgood.loading.reading import files_of  # noqa: PLC0415
    from lastgood.pipelines.inspecting import inspect  # noqa: PLC0415

    known = 0
    for source in sources:
        for file in files_of([source], stdin=session.outside.stdin, recursive=recursive):
            found = inspect(file)
            if found.kind or not Path(source).is_dir():
                known += 1
                yield found
    if not known:
        raise SettingError(
            f"there is no file of a pipeline in {', '.join(sources)}", hint="its sub-folders are read on request: -R"
        )


def _flags() -> list[Any]:
    return [
        argument("files", nargs=-1, required=True, metavar="FILES...", shell_complete=candidates.files),
        option("-R", "--recursive", is_flag=True, help="Read the sub-folders of folders too."),
        option("--strict", is_flag=True, help="Leave with 2 for warnings too."),
    ]


COMMAND = command(
    lint,
    _flags(),
    "lint pipeline.yaml service.yaml",
    "# all of a folder, in CI: warnings count",
    "lint -R deploy/ --strict",
    "lint stage.yaml -o json | jq -r '.findings[] | select(.severity == \"error\").sentence'",
    exits=codes(0) | {2: "there is an error in a file; with --strict: or a warning"},
    see=("plan", "docs/pipelines.md"),
)
