"""The options that name a target of the user's own, shared by the commands that take one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from benchbox.cli.choices import Number
from benchbox.suites.asked import several

if TYPE_CHECKING:
    from benchbox.target.given import Gift

Command = TypeVar("Command", bound=Callable[..., Any])

TARGET = (
    "A target of your own: weights (.safetensors, a state dict .pt), TorchScript, torch.export or .onnx; module:function; "
    "a URL; ARCHITECTURE@WEIGHTS of torchvision's; or a name that was added."
)
_OPTIONS = (
    click.option("--model", default="", help="Of weights: whose they are, a model plugin or module:factory."),
    click.option(
        "--classes",
        multiple=True,
        help="What the target calls each class of the data, in order: numbers of its outputs, or labels, by commas.",
    ),
    click.option(
        "--send",
        type=click.Choice(["float", "uint8", "png"]),
        help="What a function or an endpoint is sent: floats in [0, 1], bytes, or PNG files (the usual of endpoints).",
    ),
    click.option(
        "--token-env", default="", metavar="VARIABLE", help="The environment variable with an endpoint's token."
    ),
    click.option("--rate", type=Number(1e6), help="Images a second that an endpoint is sent at most."),
    click.option("--reply-timeout", type=Number(3600), help="Seconds that an endpoint may say nothing; default: 30."),
)
_NAMES = ("model", "classes", "send", "token_env", "rate", "reply_timeout", "host")


def given_options(function: Command) -> Command:
    """Add the options that say how a given target is asked."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


host_option = click.option(
    "--host", default="", help="The host of an endpoint that was added by name: your word that it may be asked."
)


def options_of(values: dict[str, Any]) -> dict[str, Any]:
    """Take the options of ``given_options`` out of a command's; return them as ``benchbox.given`` takes them."""
    found = {name: values.pop(name) for name in _NAMES if name in values}
    return {**found, "classes": several("--classes", found["classes"])}


def gift_of(target: str | None, values: dict[str, Any]) -> Gift | None:
    """Take the options that name a target out of a command's, and return what they name; None where there is no target.

    Raises:
        UsageError: they say how to ask a target, and none is named.
        BenchboxError: there is no such target, or an option does not fit it.
    """
    options = options_of(values)
    if target is None:
        odd = next((name for name, value in options.items() if value), None)
        if odd:
            raise click.UsageError(f"--{odd.replace('_', '-')} says how a target is asked; name one with --target")
        return None
    from benchbox.target.given.naming import given

    return given(target, **options)
