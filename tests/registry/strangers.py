"""Strangers' packages and files, laid out as pip and editors leave them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Install = Callable[..., None]

SELECTOR = """
import torch
from pydantic import Field
from benchbox.contracts import Options, Selector

class MineOptions(Options):
    step: int = Field(default=1, ge=1, description="rows from one choice to the next")

class Mine(Selector):
    '''Takes every step-th image.'''
    name = "mine"
    Options = MineOptions
    profiles = {"wide": {"step": 3}}

    def select(self, game, k):
        return torch.arange(len(game.pool)) * self.options.step % len(game.pool)
""".replace("import torch\n", "")


def hooked(body: str = SELECTOR) -> str:
    return body + ("\nfrom benchbox.contracts import hookimpl\n@hookimpl\ndef benchbox_plugins():\n    return [Mine]\n")


def plugin_file(folder: Path, body: str = SELECTOR, name: str = "my-selector.py") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(body)
    return path
