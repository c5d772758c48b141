"""A model behind HTTP: the protocol of ``docs/audit.md``, and what is done when the network fails.

A request is asked again, under its own number, until it is answered: after a time-out, a lost or garbled reply, 429 or 5xx.
None of that is seen by the meter, which has counted its images before.
"""

from __future__ import annotations

import base64
import io
import json
import os
import time
import uuid
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib import error as failures
from urllib import request as http

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchbox.errors import TargetError, Unanswered, described, shown
from benchbox.target.given.gift import Gift
from benchbox.target.given.pacing import Pace

TRIES = 6
"""How often a request is asked before it is given up."""
BATCH = 64
"""Images in one request."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0  # seconds; each wait is twice the one before
_LARGEST = 64 << 20  # bytes of a reply
_SURE = 1.001  # of a probability that a service rounds
_NUMBER = "X-Benchbox-Request"


class Endpoint:
    """Asks a remote target.

    Args:
        gift: where it is, and how it is asked.
        sleep: waits so many seconds.

    Raises:
        TargetError: the variable that holds its token is not set.
    """

    def __init__(self, gift: Gift, sleep: Callable[[float], None] = time.sleep) -> None:
        self._gift, self._sleep = gift, sleep
        self._who = f"target '{gift.name}'"
        self._headers = {"Accept": "application/json", "User-Agent": "benchbox"}
        if gift.token:
            if not os.environ.get(gift.token):
                raise TargetError(
                    f"{self._who}: the environment variable {gift.token}, which holds its token, is not set"
                )
            self._headers["Authorization"] = f"Bearer {os.environ[gift.token]}"
        self._pace = Pace(gift.place, gift.rate, sleep) if gift.rate is not None else None
        self._open = http.build_opener(_NoRedirect).open

    def __call__(self, images: Tensor) -> Any:
        """Return labels or probabilities of float images (n, *shape).

        Raises:
            Unanswered: it was asked ``TRIES`` times.
            TargetError: it refused the request, or its answer is none.
        """
        body, kind = _packed(images, self._gift.sends)
        headers = {**self._headers, "Content-Type": kind, _NUMBER: uuid.uuid4().hex}
        wait = _FIRST_WAIT
        for left in reversed(range(TRIES)):
            if self._pace is not None:
                self._pace.wait(len(images))
            try:
                return self._answers(self._send(body, headers), headers[_NUMBER], len(images))
            except _Again as again:
                if not left:
                    raise Unanswered(
                        f"{self._who}: {self._gift.host} gave no answer in {TRIES} tries; {again}"
                    ) from None
                self._sleep(min(max(wait, again.after), _LONGEST_WAIT))
                wait *= 2
        raise AssertionError

    def _send(self, body: bytes, headers: dict[str, str]) -> bytes:
        request = http.Request(self._gift.place, data=body, headers=headers, method="POST")
        try:
            with self._open(request, timeout=self._gift.timeout) as reply:
                content: bytes = reply.read(_LARGEST + 1)
        except failures.HTTPError as refusal:
            with refusal:
                if refusal.code == 429 or refusal.code >= 500:
                    raise _Again(
                        f"it said {refusal.code} {refusal.reason}", _after(refusal.headers.get("Retry-After"))
                    ) from None
                said = refusal.read(300).decode("utf-8", "replace")
            raise TargetError(
                f"{self._who}: {self._gift.host} refused the images with {refusal.code} {refusal.reason}: {shown(said, 200)}"
            ) from None
        except (OSError, HTTPException) as error:  # URLError and time-outs are OSErrors
            raise _Again(f"the last failed with {described(error)}") from None
        if len(content) > _LARGEST:
            raise TargetError(f"{self._who}: a reply of over {_LARGEST >> 20} MiB is no answer")
        return content

    def _answers(self, content: bytes, number: str, count: int) -> Any:
        try:
            reply = json.loads(content)
        except ValueError:
            raise _Again("the last reply was cut off, or no JSON") from None
        if not isinstance(reply, dict) or len({"labels", "probabilities"} & reply.keys()) != 1:
            raise TargetError(
                f"{self._who}: a reply should be an object with 'labels' or 'probabilities'; see docs/audit.md"
            )
        if reply.get("request", number) != number:
            raise _Again("the last reply was to another request")
        answers = reply.get("labels", reply.get("probabilities"))
        if not isinstance(answers, list) or len(answers) != count:
            found = len(answers) if isinstance(answers, list) else "no list of"
            raise TargetError(f"{self._who}: {count} images were sent, and {found} answers came back")
        return answers if "labels" in reply else self._probabilities(answers)

    def _probabilities(self, answers: list[Any]) -> NDArray[Any]:
        try:
            values = np.array(answers, dtype=np.float32)
        except (TypeError, ValueError):
            raise TargetError(f"{self._who}: 'probabilities' should be a list of numbers for each image") from None
        share = (values >= 0) & (values <= _SURE)  # no logits, no infinity
        if values.ndim != 2 or not (share.all() and (values.sum(1) > 0).all()):
            raise TargetError(
                f"{self._who}: 'probabilities' should be numbers from 0 to 1 for each image, not all of them 0"
            )
        shares: NDArray[Any] = values / values.sum(1, keepdims=True)  # services round
        return shares


class _Again(Exception):  # noqa: N818 - no error of anybody's: a reason to try once more
    """Why a request is asked again, and after how many seconds at the earliest."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = after


class _NoRedirect(http.HTTPRedirectHandler):
    """Follows no redirection: the owner named one host, and images and token go to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Return that there is nothing to follow, so that the status is an error."""


def _after(text: str | None) -> float:
    return float(text) if text and text.isdecimal() else 0.0


def _packed(images: Tensor, sends: str) -> tuple[bytes, str]:
    """Return a request's body and its type."""
    floats = images.detach().float().cpu()
    levels = (floats * 255).round().to(torch.uint8).numpy()
    if sends == "png":
        encoded = [base64.b64encode(_png(image)).decode() for image in levels]
        return json.dumps({"images": encoded}).encode(), "application/json"
    out = io.BytesIO()
    np.savez_compressed(out, images=levels if sends == "uint8" else floats.numpy())
    return out.getvalue(), "application/x-npz"


def _png(image: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)).save(out, format="PNG")
    return out.getvalue()
