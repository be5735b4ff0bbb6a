"""``python -m lastgood`` and the scripts ``lastgood``, ``kubectl-lastgood`` and ``kubectl_complete-lastgood``."""

from __future__ import annotations

import os
import sys

from lastgood.cli.about import quick_answer

COMPLETE = "_LASTGOOD_COMPLETE"
"""Set by the scripts of ``lastgood completion``: which shell asks what could stand next."""


def main() -> None:
    """Run the command line of this process, and leave with its exit code."""
    if os.environ.get(COMPLETE):
        raise SystemExit(_complete(os.environ[COMPLETE]))
    answer = quick_answer(sys.argv[1:])
    if answer is not None:
        sys.stdout.write(answer)
        return
    # Imported here: the version is answered without a parser.
    from lastgood.cli.main import run  # noqa: PLC0415
    from lastgood.cli.outside import this_process  # noqa: PLC0415

    with this_process() as outside:
        code = run(sys.argv[1:], outside)
    raise SystemExit(code)


def complete_for_kubectl() -> None:
    """Say what could stand next after ``kubectl lastgood``: kubectl's completion runs this, with what is typed."""
    raise SystemExit(_complete("kubectl"))


def _complete(asked: str) -> int:
    from lastgood.cli.completing import answer  # noqa: PLC0415
    from lastgood.cli.outside import this_process  # noqa: PLC0415

    with this_process() as outside:
        return answer(asked, sys.argv[1:], outside)


if __name__ == "__main__":
    main()
