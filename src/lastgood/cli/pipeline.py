"""A pipeline's file and what a run of it is given: for ``run``, and for ``rbac --run``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lastgood.cli.running import Open, Session
from lastgood.errors import SettingError
from lastgood.pipelines.artifact import artifact_of
from lastgood.pipelines.grounds import Given
from lastgood.pipelines.inputs import Inputs

if TYPE_CHECKING:
    from lastgood.deployer import Deployer
    from lastgood.pipelines.crewing import Connect
    from lastgood.pipelines.grounds import Ground
    from lastgood.pipelines.stage import Pipeline


def refuse_namespace(session: Session, *, beside: str) -> None:
    """``-n`` has no meaning for a run. Raises ``SettingError``; ``beside`` is what stands beside it."""
    if session.where.get("namespace"):
        hint = "change namespace in the infrastructure definition, or let it be <+pipeline.variables.X>"
        raise SettingError(f"-n cannot stand beside {beside}: the infrastructure of each stage says where", hint=hint)


def read_pipeline(session: Session, file: str) -> Pipeline:
    """The pipeline in a file; what is odd in it is told. Raises ``InputError``."""
    from lastgood.loading import read_file  # noqa: PLC0415
    from lastgood.pipelines import inspecting  # noqa: PLC0415

    read = read_file(Path(file), file)
    for finding in inspecting.inspect(read).findings:
        if not finding.is_error:
            session.report.warn(str(finding))
    return inspecting.read_pipeline(read)


def given(session: Session, file: str, flags: Mapping[str, Any]) -> Given:
    """What the flags give to a run. Raises ``InputError``."""
    from lastgood.cli.sources import images, inputs, secrets  # noqa: PLC0415
    from lastgood.pipelines.neighbours import look_around  # noqa: PLC0415

    root = Path(flags["root"] or Path(file).parent)
    return Given(
        neighbours=look_around(root),
        file_store=Path(flags["file_store"] or root),
        variables=dict(flags["var"]),
        inputs=inputs(flags["input"]) or Inputs(),
        artifacts={name: artifact_of(image) for name, image in images(flags["artifact"]).items()},
        connectors=dict(flags["connector"]),
        secrets=secrets(session.outside, flags["secrets"]),
    )


def connecting(opens: Open, connectors: Mapping[str, str]) -> Connect:
    """What leads to the namespace and the cluster of a stage."""

    async def connect(ground: Ground) -> Deployer:
        return await opens(ground.namespace, connectors.get(ground.connector))

    return connect
