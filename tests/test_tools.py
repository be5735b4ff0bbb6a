"""The tools that lastgood is tried beside can be had, and each is the one that its name says."""

from __future__ import annotations

import subprocess

import pytest

from benchmarks.tools import HELM3, tool

pytestmark = pytest.mark.cluster  # no lab is needed, but downloads are, and Helm 3 is built


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("kubectl", ("version", "--client"), "Client Version: v1.35."),
        ("helm", ("version", "--short"), "v4."),
        ("helm3", ("version", "--short"), HELM3),
    ],
)
def test_a_tool_says_its_version(name: str, question: tuple[str, ...], answer: str) -> None:
    done = subprocess.run([tool(name), *question], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(answer)
