"""A reference server for targets that are asked over HTTP: Python's standard library and a model of yours.

    python target_server.py MODULE:FUNCTION [PORT]

FUNCTION takes float32 images (n, channels, height, width) in [0, 1], a numpy array, and returns labels (n,) or probabilities
(n, classes). Set TARGET_TOKEN, and only requests that bring this token are answered. The protocol is in docs/audit.md.
"""

from __future__ import annotations

import base64
import hmac
import importlib
import io
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

import numpy as np

KEPT = 1000  # answers that are remembered, for requests that come a second time since their reply was lost


def images_of(body, kind):
    """Return the images of a request, float32 (n, channels, height, width) in [0, 1]."""
    if kind == "application/x-npz":
        with np.load(io.BytesIO(body), allow_pickle=False) as archive:
            images = archive["images"]
        return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images
    from PIL import Image

    found = []
    for text in json.loads(body)["images"]:
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(text)), formats=("PNG",)), np.float32) / 255
        found.append(pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1))
    return np.stack(found)


class Handler(BaseHTTPRequestHandler):
    """Answers POST requests of any path."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Answer the images of one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.server.allows(self.headers.get("Authorization", "")):
            return self.reply(401, {"error": "the token is missing, or is another"})
        number = self.headers.get("X-Benchbox-Request", "")
        try:
            answers = self.server.answers(number, body, self.headers.get("Content-Type", ""))
        except (KeyError, OSError, TypeError, ValueError) as error:
            return self.reply(400, {"error": f"these are no images: {error}"})
        return self.reply(200, {"request": number, **answers})

    def reply(self, status, data):
        """Send JSON."""
        content = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing of each request."""


class TargetServer(ThreadingHTTPServer):
    """Serves one model on this machine alone.

    Args:
        function: the model.
        port: 0 takes any that is free; ``server_port`` says which.
        token: what requests must bring; empty lets everybody ask.
    """

    daemon_threads = True

    def __init__(self, function, port=0, token=""):
        super().__init__(("127.0.0.1", port), Handler)
        self.function, self.token = function, token
        self.images = 0  # that were answered, each request once
        self._known, self._lock = {}, Lock()

    def allows(self, header):
        """Whether a request may be answered."""
        return not self.token or hmac.compare_digest(header.encode(), f"Bearer {self.token}".encode())

    def answers(self, number, body, kind):
        """Return the answers to a request, the same ones where it comes again."""
        with self._lock:
            if number and number in self._known:
                return self._known[number]
            images = images_of(body, kind)
            said = np.asarray(self.function(images))
            self.images += len(images)
            answers = {"labels" if said.ndim == 1 else "probabilities": said.tolist()}
            self._known[number] = answers
            for oldest in list(self._known)[:-KEPT]:
                del self._known[oldest]
            return answers


def main():
    """Serve until Ctrl-C."""
    module, _, name = sys.argv[1].partition(":")
    sys.path.insert(0, str(Path.cwd()))
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 8000
    server = TargetServer(getattr(importlib.import_module(module), name), port, os.environ.get("TARGET_TOKEN", ""))
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
