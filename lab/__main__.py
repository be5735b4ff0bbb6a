"""Run the lab's commands: python -m lab up | down | status | env | build | packages | kill | start | enter."""

import sys

from lab.cli import main

if __name__ == "__main__":
    sys.exit(main())
