"""A target over HTTP: whatever the network does, each image is answered once, and counted once."""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from benchbox.contracts import Access
from benchbox.errors import TargetError, Unanswered
from benchbox.records import Status
from benchbox.target.given import Gift, read_gift
from benchbox.target.given.answers import Asked, AsLogits
from benchbox.target.given.endpoint import TRIES, Endpoint
from benchbox.target.given.opening import Opened
from benchbox.target.given.pacing import Pace
from benchbox.target.given.record import Reading
from benchbox.target.meter import MeteredOracle

SERVER = Path(__file__).parents[3] / "examples" / "target_server.py"
N = 130  # images: three requests


def shares(images: Any) -> Any:
    """Answer with the mean grey level as the probability of class 1."""
    bright = images.mean((1, 2, 3))
    return np.stack([1 - bright, bright], 1)


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("target_server", SERVER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Serve = Callable[..., Any]


@pytest.fixture
def serve(example: ModuleType) -> Iterator[Serve]:
    """Return a function that starts the reference server, whose first replies go wrong as told."""
    servers = []

    def start(*wrong: str, function: Any = shares, token: str = "") -> Any:
        server = example.TargetServer(function, token=token)
        server.RequestHandlerClass = partial(_failing(example.Handler), list(wrong))
        server.asked = 0
        server.handle_error = lambda *_: None  # who hangs up is no news
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _failing(handler: Any) -> Any:
    class Failing(handler):  # type: ignore[misc]
        def __init__(self, wrong: list[str], *args: Any) -> None:
            self.wrong = wrong
            super().__init__(*args)

        def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
            self.server.asked += 1
            way = self.wrong.pop(0) if self.wrong else "right"
            if way in ("busy", "broken"):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(429 if way == "busy" else 503)
                self.send_header("Retry-After", "7")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.way = way
            super().do_POST()

        def reply(self, status: int, data: Any) -> None:
            if self.way == "duplicate":  # the reply to an earlier request comes once more
                data = {**data, "request": "another", "probabilities": data["probabilities"][::-1]}
            if self.way == "slow":
                time.sleep(0.6)
            if self.way == "lost":  # the model answered, and nobody heard it
                self.close_connection = True
                return
            if self.way == "cut":
                self.send_response(200)
                self.send_header("Content-Length", "5000")
                self.end_headers()
                self.wfile.write(b'{"probab')
                self.close_connection = True
                return
            super().reply(status, data)

    return Failing


def gift(server: Any, **options: Any) -> Gift:
    return read_gift(
        f"http://127.0.0.1:{server.server_port}/", name="remote", reply_timeout=0.3, send="float", **options
    )


def oracle(server: Any, waits: list[float], **options: Any) -> MeteredOracle:
    """Return what a referee puts between a method and the server."""
    target = gift(server, **options)
    reading = Reading(scale="probabilities", classes=2)
    network = AsLogits(target, Opened(Endpoint(target, waits.append)), reading)
    return MeteredOracle(Asked(network), Access.PROBABILITIES, N, (1, 4, 4), "a method")


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("busy", "busy"),
        ("broken",),
        ("lost", "lost"),
        ("cut",),
        ("duplicate",),
        ("slow",),
        ("right", "lost", "busy", "cut"),
    ],
    ids=str,
)
def test_each_image_is_answered_and_counted_once(serve: Serve, wrong: tuple[str, ...]) -> None:
    server, waits = serve(*wrong), list[float]()
    meter, images = oracle(server, waits), torch.rand(N, 1, 4, 4)
    said = meter.query(images)
    assert torch.allclose(said, torch.from_numpy(shares(images.numpy())), atol=1e-4)
    assert (meter.spent, meter.remaining) == (N, 0)
    assert [row.queries for row in meter.ledger.rows(N)] == [N]
    failed = sum(way != "right" for way in wrong)
    assert server.asked == 3 + failed
    assert server.images == N, "a request that comes again has its number, and costs the owner nothing twice"
    assert len(waits) == failed


def test_nobody_is_asked_about_nothing(serve: Serve) -> None:
    server = serve()
    assert oracle(server, []).query(torch.rand(0, 1, 4, 4)).shape == (0, 2)
    assert server.asked == 0


def test_waits_grow_and_heed_what_the_server_asks_for(serve: Serve) -> None:
    waits: list[float] = []
    server = serve("lost", "lost", "lost", "busy")
    oracle(server, waits).query(torch.rand(1, 1, 4, 4))
    assert waits == [0.5, 1.0, 2.0, 7.0]


def test_a_server_that_never_answers_leaves_the_cell_to_the_same_command(serve: Serve) -> None:
    server, waits = serve(*["busy"] * 100), list[float]()
    meter = oracle(server, waits)
    with pytest.raises(Unanswered, match=rf"gave no answer in {TRIES} tries; it said 429"):
        meter.query(torch.rand(3, 1, 4, 4))
    assert meter.spent == 3, "reserved before it was asked"


def test_an_unanswered_cell_is_interrupted_not_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from benchbox.match import run

    def lost(*_: Any) -> None:
        raise Unanswered("target 'remote': 127.0.0.1 gave no answer")

    monkeypatch.setattr(run, "_play", lost)
    setting: Any = SimpleNamespace(cell=SimpleNamespace(id="1", contestants=()))
    result = run.run_cell(setting, Any, Any)  # type: ignore[arg-type]
    assert (result.status, result.error) == (Status.INTERRUPTED, "target 'remote': 127.0.0.1 gave no answer")


@pytest.mark.parametrize("send", ["float", "uint8", "png"])
@pytest.mark.parametrize("channels", [1, 3])
def test_images_arrive_as_they_were_sent(serve: Serve, send: Any, channels: int) -> None:
    arrived: list[Any] = []
    server = serve(function=lambda images: arrived.append(images) or shares(images))
    target = gift(server).model_copy(update={"sends": send})
    images = (torch.rand(2, channels, 4, 5) * 255).round() / 255
    Endpoint(target)(images)
    assert np.allclose(arrived[0], images.numpy(), atol=1e-6)
    assert arrived[0].dtype == np.float32


def test_a_token_comes_from_the_environment(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(token="open sesame")
    with pytest.raises(TargetError, match="refused the images with 401"):
        Endpoint(gift(server))(torch.rand(1, 1, 4, 4))
    with pytest.raises(TargetError, match="the environment variable MY_TOKEN, which holds its token, is not set"):
        Endpoint(gift(server, token_env="MY_TOKEN"))
    monkeypatch.setenv("MY_TOKEN", "open sesame")
    assert len(Endpoint(gift(server, token_env="MY_TOKEN"))(torch.rand(1, 1, 4, 4))) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ([1, 2], "a reply should be an object with 'labels' or 'probabilities'"),
        ({"labels": [1], "probabilities": [[1]]}, "a reply should be an object with 'labels' or 'probabilities'"),
        ({"labels": [1]}, "2 images were sent, and 1 answers came back"),
        ({"probabilities": [[1, "x"], [0, 1]]}, "should be a list of numbers for each image"),
        ({"probabilities": [[0, 0], [0, 1]]}, "not all of them 0"),
        ({"probabilities": [[7.1, 2.0], [0, 1]]}, "numbers from 0 to 1"),
        ({"probabilities": [[float("inf"), 0], [0, 1]]}, "numbers from 0 to 1"),
    ],
)
def test_a_reply_that_is_none_is_one_sentence(reply: Any, said: str) -> None:
    class Says(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.dumps(reply).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    _answering(Says, said)


def test_nobody_is_sent_on_to_another_host() -> None:
    class Moves(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://other.example.com/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    _answering(Moves, "refused the images with 302")


def _answering(handler: Any, said: str) -> None:
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(TargetError, match=said):
            Endpoint(gift(server))(torch.rand(2, 1, 4, 4))


def test_processes_share_one_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path))
    waits: list[float] = []
    one, other = (Pace("https://x.org/", 10, waits.append, lambda: 1000.0) for _ in range(2))
    one.wait(20)
    other.wait(5)
    one.wait(1)
    assert waits == [0.0, 2.0, 2.5]
