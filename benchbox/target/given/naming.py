"""What a user may name as a target of their own: a place, or the name under which one was added."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchbox.errors import OptionError
from benchbox.paths import zoo_dir
from benchbox.target.given.gift import Gift, Sends, check_host, read_gift
from benchbox.target.given.shelf import Shelf


def given(
    place: str | Path,
    *,
    name: str = "",
    model: str = "",
    classes: Sequence[str | int] | str = (),
    send: Sends | None = None,
    token_env: str = "",
    rate: float | None = None,
    reply_timeout: float | None = None,
    host: str = "",
) -> Gift:
    """Return a target that you give, for ``run`` and ``audit``: of a model that you own.

    Args:
        place: weights (``.safetensors``, or a state dict in a ``.pt``), a TorchScript, torch.export or ONNX file,
            ``module:function``, a URL, ``architecture@weights`` of torchvision's, or the name of a target that was added
            (``benchbox targets add``).
        name: what tables call it.
        model: of weights, whose they are: a model plugin, or ``module:factory``, which takes no arguments.
        classes: what it calls each class of the data, in order: numbers of its outputs, or labels.
        send: ``float`` in [0, 1], ``uint8``, or ``png`` (the usual of endpoints).
        token_env: the environment variable that holds an endpoint's token.
        rate: images a second that an endpoint is sent at most.
        reply_timeout: seconds that an endpoint may say nothing.
        host: the host of an endpoint that was added by name: your word that it may be asked.

    Raises:
        BenchboxError: there is no such target, or an option does not fit it; one sentence.
    """
    options: dict[str, Any] = {"model": model, "send": send, "token_env": token_env, "rate": rate}
    options |= {"reply_timeout": reply_timeout, "classes": _texts(classes)}
    known = Shelf(zoo_dir()).named().get(str(place))
    if known is None:
        gift = read_gift(str(place), name=name, **options)
        check_host(gift, host, named=False)
        return gift
    odd = next((key for key, value in options.items() if value), None)
    if odd:
        raise OptionError(
            f"target '{known.name}' was added with its options; leave {odd} out, or add it anew: benchbox targets add"
        )
    check_host(known, host, named=True)
    return known


def _texts(classes: Sequence[str | int] | str) -> tuple[str, ...]:
    parts = classes.split(",") if isinstance(classes, str) else map(str, classes)
    return tuple(part.strip() for part in parts if part.strip())
