"""What a shell completes besides commands and options: names of suites and plugins. Where these cannot be read, nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def suites(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete a suite's name; a path is the shell's own to complete."""
    from benchbox.registry import Catalogue
    from benchbox.suites import suite_names

    if begun[:1] in (".", "/", "~"):
        return [CompletionItem(begun, type="file")]
    return _beginning(begun, lambda: suite_names(Catalogue.discover()))


def plugins(*namespaces: str) -> Complete:
    """Return what completes the name of a plugin of these namespaces; of any, where none is given."""

    def complete(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
        from benchbox.kinds import kind_of
        from benchbox.registry import Catalogue

        def names() -> set[str]:
            rows = Catalogue.discover().entries(None)
            return {row.name for row in rows if not namespaces or kind_of(row.kind).namespace in namespaces}

        return _beginning(begun, names)

    return complete


def _beginning(begun: str, names: Callable[[], Iterable[str]]) -> list[CompletionItem]:
    try:
        return [CompletionItem(name) for name in sorted(names()) if name.startswith(begun)]
    except Exception:  # nobody who presses a key wants a traceback; the command itself will say what is wrong
        return []
