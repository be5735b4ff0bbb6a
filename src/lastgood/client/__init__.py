"""What people who write Python hold in their hands: a connection, and the runs that its methods give.

``Client`` has the use cases, ``Run`` is one of them at work, ``settings`` are the words that both the functions with
``await`` and those without take.
"""

from lastgood.client.client import Client, opened
from lastgood.client.runs import Run
from lastgood.client.settings import DeploySettings, RollbackSettings, RunSettings, UninstallSettings
from lastgood.client.sources import Source

__all__ = [
    "Client",
    "DeploySettings",
    "RollbackSettings",
    "Run",
    "RunSettings",
    "Source",
    "UninstallSettings",
    "opened",
]
