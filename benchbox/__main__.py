"""``python -m benchbox``: the command line."""

from benchbox.cli import main

main(prog_name="benchbox")
