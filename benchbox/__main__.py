"""``benchbox`` and ``python -m benchbox``: the command line, unless another program of this name is in the way."""

from __future__ import annotations

import sys

from benchbox.distribution import refuse_namesake
from benchbox.errors import BenchboxError


def main() -> None:
    """Start the command line. This file is none that the other program brings, so that it can still speak."""
    try:
        refuse_namesake()
    except BenchboxError as error:
        sys.stderr.write(f"benchbox: {error}\n")
        sys.exit(2)
    from benchbox.cli import main as command

    command(prog_name="benchbox")


if __name__ == "__main__":
    main()
