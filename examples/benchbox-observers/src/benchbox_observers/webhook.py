"""Events of a run, posted to a URL as JSON."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from dataclasses import asdict
from typing import Any

from benchbox.contracts import CellBegan, CellEnded, CellScored, Observer, RunEnded

VARIABLE = "BENCHBOX_WEBHOOK"
"""The environment variable that holds the URL: a secret, often, and so no option."""
SECONDS = 5.0
"""How long the other side may take: the run waits meanwhile."""


class Webhook(Observer):
    """Posts every event but scores, which may come several times a second.

    Args:
        url: where to; that of ``BENCHBOX_WEBHOOK`` where it is left out.

    Raises:
        ValueError: there is none.
    """

    def __init__(self, url: str = "") -> None:
        self._url = url or os.environ.get(VARIABLE, "")
        if not self._url.startswith(("http://", "https://")):
            raise ValueError(f"set {VARIABLE} to the URL, http://... or https://...")

    def cell_began(self, event: CellBegan) -> None:
        """Post it."""
        self._post(event)

    def cell_ended(self, event: CellEnded) -> None:
        """Post it."""
        self._post(event)

    def run_ended(self, event: RunEnded) -> None:
        """Post it."""
        self._post(event)

    def _post(self, event: CellBegan | CellScored | CellEnded | RunEnded) -> None:
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", type(event).__name__).lower()
        body: dict[str, Any] = {"event": name, **asdict(event)}
        head = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._url, json.dumps(body).encode(), head, method="POST")
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            answer.read()
