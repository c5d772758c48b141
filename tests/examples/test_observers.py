"""The example observers: one against a server of ours, one against a stand-in for MLflow's client."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from benchbox.contracts import CellBegan, CellEnded, CellPlace, CellScored, RunEnded
from benchbox.records import Measurement

SOURCE = Path(__file__).parents[2] / "examples" / "benchbox-observers" / "src"
PLACE = CellPlace("0123abcd", "smoke", "digits", "real data", "random", 1)
ENDED = CellEnded(
    PLACE,
    "done",
    "",
    2.5,
    "sandbox",
    (
        Measurement("accuracy", "", 50, 50, 0.5, 397),
        Measurement("asr_untargeted", "fgsm[eps=0.1] untargeted", 50, 50, 0.25, 100),
        Measurement("asr_untargeted", "pgd untargeted", 50, 50, None, 0),
    ),
)


@pytest.fixture(autouse=True)
def _example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SOURCE))


@pytest.fixture
def server() -> Iterator[SimpleNamespace]:
    """A server that keeps what is posted, and answers with ``status``."""
    kept = SimpleNamespace(bodies=[], status=200, url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(kept.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{http.server_port}/hook"
    yield kept
    http.shutdown()
    thread.join()
    http.server_close()


def test_the_webhook_posts_an_object_an_event(server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchbox_observers.webhook import Webhook

    monkeypatch.setenv("BENCHBOX_WEBHOOK", server.url)
    hook = Webhook()
    hook.cell_began(CellBegan(PLACE))
    hook.cell_scored(CellScored(PLACE, "accuracy", 0.4, 30, 50))
    hook.cell_ended(ENDED)
    hook.run_ended(RunEnded(1, 0, 0, 3.0))
    assert [body["event"] for body in server.bodies] == ["cell-began", "cell-ended", "run-ended"]
    assert server.bodies[0]["place"]["method"] == "random"
    assert server.bodies[1]["measurements"][0]["value"] == 0.5


def test_the_webhook_says_what_is_wrong(server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchbox_observers.webhook import Webhook

    monkeypatch.delenv("BENCHBOX_WEBHOOK", raising=False)
    with pytest.raises(ValueError, match="BENCHBOX_WEBHOOK"):
        Webhook()
    server.status = 500
    with pytest.raises(OSError, match="500"):
        Webhook(server.url).run_ended(RunEnded(1, 0, 0, 3.0))


class Client:
    """What the observer uses of ``mlflow.tracking.MlflowClient``, refusing what MLflow refuses."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, Any]] = {}

    def get_experiment_by_name(self, name: str) -> Any:
        return None

    def create_experiment(self, name: str) -> str:
        return f"experiment of {name}"

    def create_run(self, experiment: str, tags: dict[str, str], run_name: str) -> Any:
        self.runs[run_name] = {"in": experiment, "tags": tags, "metrics": [], "ended": ""}
        return SimpleNamespace(info=SimpleNamespace(run_id=run_name))

    def log_metric(self, run: str, name: str, value: float, step: int) -> None:
        assert not set("[]=,:") & set(name)
        assert not self.runs[run]["ended"]
        self.runs[run]["metrics"].append((name, value, step))

    def set_tag(self, run: str, key: str, value: str) -> None:
        self.runs[run]["tags"][key] = value

    def set_terminated(self, run: str, status: str) -> None:
        self.runs[run]["ended"] = status


def test_a_cell_is_a_run_of_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    client, tracking = Client(), ModuleType("mlflow.tracking")
    tracking.MlflowClient = lambda: client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", ModuleType("mlflow"))
    monkeypatch.setitem(sys.modules, "mlflow.tracking", tracking)
    from benchbox_observers.mlflow_log import MlflowLog

    log, other = MlflowLog(), CellPlace("ffff", "smoke", "digits", "real data", "drmi", 1)
    log.cell_began(CellBegan(PLACE))
    log.cell_began(CellBegan(other))
    log.cell_scored(CellScored(PLACE, "accuracy", 0.4, 30, 50))
    log.cell_ended(CellEnded(other, "failed", "it raised", 1.0, "sandbox", ()))
    log.cell_ended(ENDED)
    log.cell_ended(CellEnded(replace(other, cell="eeee"), "not-applicable", "needs probabilities", 0.0, "", ()))
    assert len(client.runs) == 2
    done, failed = client.runs["random on digits, seed 1"], client.runs["drmi on digits, seed 1"]
    assert done["in"] == "experiment of smoke"
    assert done["tags"]["benchbox.cell"] == "0123abcd"
    assert done["metrics"] == [
        ("live accuracy", 0.4, 30),
        ("accuracy", 0.5, 50),
        ("asr_untargeted fgsm_eps_0.1_ untargeted", 0.25, 50),
    ]
    assert (done["ended"], failed["ended"], failed["tags"]["benchbox.error"]) == ("FINISHED", "FAILED", "it raised")
