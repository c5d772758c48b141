"""The line-up of a cell, made from plain data: each plugin loaded by name, in the process that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchbox.contracts import Model, Plugin, Shape
from benchbox.errors import PluginError
from benchbox.registry.loading import class_at
from benchbox.suites.cell import PluginRef
from benchbox.target.network import build_network

if TYPE_CHECKING:
    from torch import nn


def create(ref: PluginRef) -> Plugin:
    """Return the plugin with its options.

    Raises:
        PluginError: it cannot be imported, or its class is not what it was planned as.
    """
    plugin = class_at(ref.target, Path(ref.file) if ref.file else None, ref.who)
    if (plugin.kind, plugin.name, plugin.version) != (ref.kind, ref.name, ref.version):
        raise PluginError(
            f"{ref.who}, version {ref.version}, is now {plugin.kind} '{plugin.name}', version {plugin.version}: it changed "
            f"since the run was planned"
        )
    return plugin(plugin.Options.model_validate(ref.options))


def network(ref: PluginRef, shape: Shape, classes: int) -> nn.Module:
    """Return a fresh network of a model; its weights come from torch's global state.

    Raises:
        NotApplicable: the architecture cannot take images of this shape; the reason is the model's own.
    """
    model = create(ref)
    assert isinstance(model, Model)
    return build_network(model, shape, classes)
