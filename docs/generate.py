"""Writes methods.md, commands.md, reference.md and cards/ from the code: ``python docs/generate.py``. A test compares them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cards as data_cards
import click
import reference as contract_reference
from pydantic.fields import FieldInfo

from benchbox.cli import main
from benchbox.kinds import BY_NAME, READERS, Role
from benchbox.registry import Catalogue, Row, Spec, create, load
from benchbox.registry.spec import render

DOCS = Path(__file__).parent
_HEAD = "<!-- written by docs/generate.py from the code; change the docstrings and run it again -->\n\n"


def methods() -> str:
    """Return docs/methods.md: every built-in plugin with its source, the reading chosen, and its options."""
    catalogue = Catalogue.discover()
    parts = [
        _HEAD,
        "# Methods\n\nEvery built-in plugin: what it does, where it comes from, which reading was chosen, and its options. ",
        "Write options as `name[option=value,...]`, on the command line as in suite files; `name[profile=...]` chooses a ",
        "named set of them. What the sources state and what they leave open is in the docstrings; a figure that a ",
        "paper prints and benchbox does not reach stands on the leaderboard beside the measured one.\n",
    ]
    for kind in sorted(BY_NAME.values(), key=lambda kind: kind.role is Role.RULES):
        parts.append(f"\n## {kind.heading}\n")
        for row in catalogue.entries(kind.name):
            if row.builtin:
                parts += _plugin(row)
    return "".join(parts)


_COMPLETION = r"""
Your shell completes commands, options, and the names of suites and plugins:

| shell | in its start file |
|---|---|
| bash | `eval "$(_BENCHBOX_COMPLETE=bash_source benchbox)"` in `~/.bashrc` |
| zsh | `eval "$(_BENCHBOX_COMPLETE=zsh_source benchbox)"` in `~/.zshrc` |
| fish | `_BENCHBOX_COMPLETE=fish_source benchbox \| source` in `~/.config/fish/completions/benchbox.fish` |
"""


def commands() -> str:
    """Return docs/commands.md: the help of every command."""
    parts = [_HEAD, "# Commands\n", _COMPLETION]
    for path, command in _walk(main, ("benchbox",)):
        context = click.Context(
            command, info_name=" ".join(path), terminal_width=100, max_content_width=100, **main.context_settings
        )
        parts.append(f"\n## {' '.join(path)}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "".join(parts)


def reference() -> str:
    """Return docs/reference.md: every hook, contract and conformance rule."""
    return contract_reference.reference(_HEAD)


def pages() -> dict[str, str]:
    """Return every page that is written from the code, by its path in docs."""
    written = {"methods.md": methods(), "commands.md": commands(), "reference.md": reference()}
    return written | data_cards.cards(_HEAD)


def _walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path[-1])
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _walk(child, (*path, name))


def _plugin(row: Row) -> Iterator[str]:
    plugin = load(row)
    marks = [f"version {row.version}"]
    if row.kind in READERS:
        marks += [f"needs {row.needs.value}", *_uses(row, {}, "uses")]
        for profile in plugin.profiles:
            marks += _uses(row, {"profile": profile}, f"`profile={profile}` uses")
    if row.privileged:
        marks.append("some options are privileged")
    yield f"\n### {row.name}\n\n*{', '.join(marks)}*\n\n{inspect.getdoc(plugin)}\n"
    fields = plugin.Options.model_fields
    if fields:
        yield "\n| option | default | meaning |\n|---|---|---|\n"
        for name, field in fields.items():
            yield f"| `{name}` | {_default(field)} | {_cell(field.description or '')} |\n"
    if plugin.profiles:
        yield "\n| profile | stands for |\n|---|---|\n"
        for name, values in plugin.profiles.items():
            yield f"| `{name}` | `{_cell(render(row.name, _plain(values)))}` |\n"


def _uses(row: Row, options: dict[str, Any], says: str) -> list[str]:
    """Return what a plugin uses with these options beyond answers and images, in words; nothing where that is nothing."""
    wanted = sorted(create(row, Spec(row.name, options)).wants())
    return [f"{says} {' and '.join(wanted)}"] if wanted else []


def _plain(values: Any) -> dict[str, Any]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in values.items()}


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else f"`{_cell(str(field.default))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    (DOCS / "cards").mkdir(exist_ok=True)
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(DOCS / name)
