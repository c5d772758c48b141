"""A target that its owner gives, as a command names it: plain data. Imports no torch."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchbox.errors import OptionError, TargetError, shown
from benchbox.paths import expanded

Form = Literal["weights", "torchscript", "exported", "onnx", "function", "endpoint", "published"]
Sends = Literal["float", "uint8", "png"]

FILES = ("weights", "torchscript", "exported", "onnx")
"""The forms that are a file, pinned by its hash."""
IN_CODE = re.compile(r"[A-Za-z_]\w*(\.\w+)*:[A-Za-z_]\w*")
"""``module:name``, something in the owner's code."""
PUBLISHED = re.compile(r"([A-Za-z0-9_-]+)@([A-Za-z0-9_]+)")
"""``resnet152@imagenet1k_v1``: one of torchvision's architectures with weights that it publishes."""
_NAME = re.compile(r"[\w.+=-]{1,80}")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_TIMEOUT = 30.0  # seconds
_IMAGENET = 1000  # classes that published weights tell apart
_LOCAL = ("localhost", "127.0.0.1", "::1")


def in_code(model: str) -> bool:
    """Whether a network is named in the owner's code, and is no model plugin, as ``torchvision:resnet152`` is."""
    return IN_CODE.fullmatch(model) is not None and not model.startswith("torchvision:")


class Gift(BaseModel):
    """Where a given target is, and how it is asked.

    Attributes:
        name: what tables call it.
        form: ``weights`` (a state dict), ``torchscript``, ``exported`` (by torch.export) and ``onnx`` are files; ``function``
            is in the owner's code; ``endpoint`` answers over HTTP; ``published`` is a file once it is found.
        place: the file's absolute path, ``module:function``, the URL, or ``architecture@weights``.
        model: of weights, the network: a model plugin, or ``module:factory``.
        folder: where the owner's modules are looked for first.
        sends: what it is sent: ``float`` in [0, 1], ``uint8`` in 0..255, or, an endpoint, ``png`` files.
        classes: what it calls each class of the data set, in order: the number of an output, or a label; empty where it
            numbers them alike.
        token: the environment variable that holds an endpoint's token; empty where it wants none.
        rate: images that an endpoint is sent in a second, at most; None sets no limit.
        timeout: seconds that an endpoint may say nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    form: Form
    place: str
    model: str = ""
    folder: Path = Path()
    sends: Sends = "float"
    classes: tuple[str, ...] = ()
    token: str = ""
    rate: float | None = Field(default=None, gt=0)
    timeout: float = Field(default=_TIMEOUT, gt=0)

    @property
    def host(self) -> str:
        """The host that an endpoint is on; empty of other forms."""
        return urlsplit(self.place).hostname or "" if self.form == "endpoint" else ""

    @property
    def shown_place(self) -> str:
        """Where it is, as pages may say it: of a file its name, of a URL no query."""
        return Path(self.place).name if self.form in FILES else self.place.partition("?")[0]


def read_gift(
    place: str,
    *,
    name: str = "",
    model: str = "",
    classes: Sequence[str] = (),
    send: Sends | None = None,
    token_env: str = "",
    rate: float | None = None,
    reply_timeout: float | None = None,
) -> Gift:
    """Return what a user names: a file, a function or an endpoint.

    Args:
        place: a path, ``module:function`` or a URL.
        name: what to call it; by default its file, function or host.
        model: of weights, the network.
        classes, send, token_env, rate, reply_timeout: as ``Gift`` has them; None leaves the usual.

    Raises:
        BenchboxError: there is no such file, or an option does not fit its form; one sentence.
    """
    form, whole = _form(place)
    if form == "published":
        if model:
            raise OptionError(f"target '{shown(place)}' names its network; --model is for a file of weights")
        model = f"torchvision[architecture={whole.partition('@')[0]},outputs={_IMAGENET}]"
    values: dict[str, Any] = {"model": model, "classes": tuple(classes), "token": token_env, "rate": rate}
    values |= {} if reply_timeout is None else {"timeout": reply_timeout}
    sends = send or ("png" if form == "endpoint" else "float")
    called = _name(name or _usual_name(form, whole))
    try:
        gift = Gift(name=called, form=form, place=whole, folder=Path.cwd(), sends=sends, **values)
    except ValidationError as error:
        first = error.errors()[0]
        raise OptionError(
            f"target '{called}': {first['loc'][0]} {first['msg'].replace('Input should', 'should')}"
        ) from None
    _check(gift)
    return gift


def _form(place: str) -> tuple[Form, str]:
    """Return the form of what a text names, and its whole path where it is a file."""
    if place.startswith(("http://", "https://")):
        try:
            _ = urlsplit(place).port
        except ValueError as error:
            raise TargetError(f"target '{shown(place)}' is no URL: {error}") from None
        return "endpoint", place
    path = expanded(place)
    if path.is_file():
        return _form_of_file(path), str(path.resolve())
    if IN_CODE.fullmatch(place):
        return "function", place
    if PUBLISHED.fullmatch(place):
        architecture, _, weights = place.lower().partition("@")
        return "published", f"{architecture.replace('-', '_')}@{weights}"
    what = "is a folder" if path.is_dir() else "is no file"
    raise TargetError(
        f"target '{shown(place)}' {what}, no URL and no module:function; 'benchbox targets' lists those that were added by name"
    )


def _form_of_file(path: Path) -> Form:
    """Tell files apart by what they hold: all three of PyTorch's are called ``.pt``."""
    if path.suffix == ".onnx":
        return "onnx"
    if not zipfile.is_zipfile(path):
        return "weights"
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return "weights"  # reading it will say what is wrong
    if any("/code/" in name for name in names):
        return "torchscript"
    return (
        "exported"
        if any(Path(name).name == "archive_format" or "exported_program" in name for name in names)
        else "weights"
    )


def _usual_name(form: Form, place: str) -> str:
    if form in FILES:
        place = Path(place).stem
    elif form == "endpoint":
        place = urlsplit(place).hostname or form
    return re.sub(r"[^\w.+=-]", "-", place)[:80]


def published(text: str) -> Gift | None:
    """Return the target that a suite names as ``architecture@weights``; None where it names a model to train."""
    return read_gift(text) if PUBLISHED.fullmatch(text) else None


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise OptionError(f"'{shown(name)}' cannot be a target's name; use letters, digits and . + = - _, at most 80")
    return name


def _check(gift: Gift) -> None:
    """Refuse options that say nothing of this form.

    Raises:
        OptionError: one does.
    """
    what, form = f"target '{gift.name}'", gift.form
    if form == "weights" and not gift.model:
        raise OptionError(
            f"{what}: {gift.shown_place} holds weights alone; --model says whose: a model plugin, as lenet5, or module:factory"
        )
    if gift.model and form not in ("weights", "published"):
        raise OptionError(f"{what} is {_ARTICLE[form]}, which brings its network; --model is for weights alone")
    if form in (*FILES, "published") and gift.sends != "float":
        raise OptionError(
            f"{what} is {_ARTICLE[form]} and is sent floats in [0, 1]; --send is for functions and endpoints"
        )
    if form == "function" and gift.sends == "png":
        raise OptionError(f"{what} is a function, which is sent arrays: --send float or uint8")
    if len(set(gift.classes)) != len(gift.classes):
        raise OptionError(f"{what}: --classes names an output twice")
    if form == "endpoint":
        _check_url(gift)
    elif gift.token or gift.rate is not None or gift.timeout != _TIMEOUT:
        raise OptionError(f"{what} is {_ARTICLE[form]}; --token-env, --rate and --reply-timeout are for endpoints")


_ARTICLE: dict[Form, str] = {
    "weights": "a state dict",
    "torchscript": "a TorchScript file",
    "exported": "an exported program",
    "onnx": "an ONNX file",
    "function": "a function",
    "endpoint": "an endpoint",
    "published": "published weights",
}


def _check_url(gift: Gift) -> None:
    url = urlsplit(gift.place)
    if not gift.host or url.username is not None:
        raise OptionError(
            f"target '{gift.name}': the URL should name a host and no password; --token-env names a variable with a token"
        )
    if gift.token and not _VARIABLE.fullmatch(gift.token):
        raise OptionError(
            f"--token-env: '{shown(gift.token)}' is no name of an environment variable; it holds the token"
        )
    if gift.token and url.scheme == "http" and gift.host not in _LOCAL:
        raise OptionError(f"target '{gift.name}': a token would cross the network in clear; use https://{gift.host}")


def check_host(gift: Gift, host: str, named: bool) -> None:
    """Ask for the owner's word: a remote target is asked only where the command names its host.

    Args:
        gift: the target.
        host: the host that the command names.
        named: whether the target was added by name, so that its URL does not stand in the command.

    Raises:
        OptionError: the host is missing, or another one.
    """
    if not gift.host:
        if host:
            raise OptionError(f"target '{gift.name}' is {_ARTICLE[gift.form]}; --host is for endpoints")
        return
    if host and host != gift.host:
        raise OptionError(f"target '{gift.name}' is on {gift.host}, and --host names {shown(host)}")
    if named and not host:
        raise OptionError(
            f"target '{gift.name}' is on another machine; say that it is yours to ask by naming it: --host {gift.host}"
        )
