"""``python -m lastgood`` and the ``lastgood`` script."""

from __future__ import annotations

import sys

from lastgood.cli.about import quick_answer


def main() -> None:
    """Run the command line of this process, and leave with its exit code."""
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


if __name__ == "__main__":
    main()
