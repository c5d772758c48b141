"""Weights that torchvision publishes, as ``resnet152@imagenet1k_v1``: in the data folder, or fetched where the user says so."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from benchbox.errors import TargetError, UnknownNameError
from benchbox.place import Place
from benchbox.target.given.code import hash_of
from benchbox.target.given.gift import Gift

FOLDERS = ("", "checkpoints", "hub/checkpoints")
"""Where in the data folder files of weights may lie; the last is torch.hub's own."""
_HASHED = re.compile(r"-([0-9a-f]{8,64})\.")


def as_file(gift: Gift, place: Place) -> Gift:
    """Return published weights as the file that they are.

    Args:
        gift: names them.
        place: the data folder, and whether something may be fetched.

    Raises:
        BenchboxError: there are no such weights, they are not in the data folder, or the file is not what its name says.
    """
    architecture, _, name = gift.place.partition("@")
    url = url_of(architecture, name)
    path = _found(gift, Path(urlsplit(url).path).name, url, place)
    _check(gift, path)
    return gift.model_copy(update={"form": "weights", "place": str(path.resolve())})


def url_of(architecture: str, name: str) -> str:
    """Return where torchvision publishes weights.

    Raises:
        UnknownNameError: there is no such architecture, or it has no such weights.
    """
    from torchvision import models

    known = models.list_models(module=models)
    if architecture not in known:
        raise UnknownNameError("torchvision architecture", architecture, known)
    every = {each.name.lower(): str(each.url) for each in models.get_model_weights(architecture)}
    if name not in every:
        raise UnknownNameError(f"weights of {architecture}", name, every)
    return every[name]


def _found(gift: Gift, name: str, url: str, place: Place) -> Path:
    who = f"target '{gift.name}'"
    if place.data_dir is None:
        raise TargetError(
            f"{who}: its weights are read from a data folder; set --data-dir or BENCHBOX_DATA to the folder with {name}"
        )
    for folder in FOLDERS:
        if (place.data_dir / folder / name).is_file():
            return place.data_dir / folder / name
    if not place.download:
        raise TargetError(f"{who}: there is no {name} in {place.data_dir}; add --download, or fetch {url}")
    return _fetched(who, url, place.data_dir / "checkpoints" / name)


def _fetched(who: str, url: str, path: Path) -> Path:
    from torch import hub

    expected = _HASHED.search(path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        hub.download_url_to_file(url, str(path), hash_prefix=expected and expected[1], progress=False)
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise TargetError(f"{who}: {url} could not be downloaded to {path.parent}: {reason}") from None
    return path


def _check(gift: Gift, path: Path) -> None:
    """Hold a file against the hash in its name, as torch.hub does."""
    expected = _HASHED.search(path.name)
    found = hash_of(path, f"target '{gift.name}'")
    if expected is None or not found.startswith(expected[1]):
        raise TargetError(
            f"target '{gift.name}': {path} is truncated or another file: its sha256 is {found[:12]}..., and its name says "
            f"{expected[1] if expected else 'none'}; delete it and fetch it again"
        )
