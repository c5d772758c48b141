"""Cheats that talk to the referee past the player's own side of the table, or lie to it."""

from __future__ import annotations

import json
import os
import time

import torch
from cheating import Cheat, honest, send, send_header

from benchbox.contracts import NotApplicable
from benchbox.errors import BudgetExceeded


def answers_itself(self, game):
    """Sends an answer, as if it were the referee."""
    send(game, "reply", {"answers": torch.zeros(5, dtype=torch.int64), "spent": 0}, reply=True)


def result(self, game):
    """Sends the cell's result, as if it were the referee."""
    measured = {"metric": "accuracy", "attack": "", "budget": 50, "spent": 0, "value": 1.0, "n": 397}
    send(game, "result", {"status": "done", "measurements": [measured]}, reply=True)


def spent_nothing(self, game):
    """Says that its offer cost nothing."""
    send(game, "offer", {"weights": self.substitute.state_dict(), "spent": 0}, reply=True)


def done_early(self, game):
    """Says that it is done, and offers after that."""
    send(game, "done", {})
    send(game, "offer", {"weights": self.substitute.state_dict(), "spent": 0}, reply=True)


def huge(self, game):
    """Declares a tensor of a terabyte."""
    send_header(game, b'{"kind": "query", "data": {}, "blobs": [["float32", [16, 65536, 262144]]]}')


def overflow(self, game):
    """Declares an empty tensor whose steps overflow."""
    send_header(game, b'{"kind": "query", "data": {}, "blobs": [["float32", [0, 2147483648, 2147483648, 2147483648]]]}')


def mapping(self, game):
    """Declares a shape that is a mapping."""
    send_header(game, b'{"kind": "query", "data": {}, "blobs": [["float32", {}]]}')


def negative(self, game):
    """Declares a negative shape."""
    send_header(game, b'{"kind": "query", "data": {}, "blobs": [["float32", [-1, 8]]]}')


def objects(self, game):
    """Declares an object, which would be a pickle."""
    send_header(game, b'{"kind": "query", "data": {}, "blobs": [["object", [1]]]}')


def long_header(self, game):
    """Announces a header of four gigabytes."""
    game.link._channel._sock.sendall(b"\xff\xff\xff\xff")


def deep(self, game):
    """Sends JSON a hundred thousand deep."""
    send_header(game, b'{"kind": "note", "blobs": [], "data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def crowd(self, game):
    """Declares two hundred thousand empty tensors."""
    send_header(game, json.dumps({"kind": "state", "data": None, "blobs": [["int8", [0]]] * 200_000}).encode())


def nan_weights(self, game):
    """Offers weights that are not a number."""
    for weight in self.substitute.parameters():
        weight.data.fill_(float("nan"))


def infinite_weights(self, game):
    """Offers infinite weights."""
    for weight in self.substitute.parameters():
        weight.data.fill_(float("inf"))


def vast_weights(self, game):
    """Offers finite weights whose logits are not."""
    for weight in self.substitute.parameters():
        weight.data.fill_(3e38)


def tiny_weights(self, game):
    """Offers weights so small that they make a processor slow."""
    for weight in self.substitute.parameters():
        weight.data.fill_(1e-40)


def odd_weights(self, game):
    """Offers a weight under a name that steers a terminal."""
    weights = {**self.substitute.state_dict(), "\x1b[2J\x1b]0;owned\x07": torch.zeros(1)}
    send(game, "offer", {"weights": weights, "spent": game.oracle.spent}, reply=True)


def no_weights(self, game):
    """Offers numbers for tensors."""
    send(game, "offer", {"weights": dict.fromkeys(self.substitute.state_dict(), 1), "spent": 20}, reply=True)


def notes(self, game):
    """Writes down a million numbers."""
    for start in range(0, 10**6, 5000):
        game.log(**{f"n{i}": 1.0 for i in range(start, start + 5000)})


def nan_note(self, game):
    """Writes down what is no number."""
    game.log(nothing=float("nan"), everything=float("inf"))


def big_note(self, game):
    """Writes down a number of four hundred digits."""
    send(game, "note", {"values": {"big": 10**400}})


def control_note(self, game):
    """Writes down a number under a name that steers a terminal."""
    send(game, "note", {"values": {"\x1b[31mred": 1.0}})


def half_note(self, game):
    """Writes down a number under half a character."""
    game.log(**{"\ud800": 1.0})


def core_note(self, game):
    """Writes down how balanced its choice is, in the core's words."""
    game.log(chosen=50.0, class_0=5.0)


def long_note(self, game):
    """Writes down a million numbers in one message: what it says takes a hundred times as much memory."""
    send_header(game, b'{"kind": "note", "blobs": [], "data": {"values": {' + b'"a":1,' * 1_000_000 + b'"b":1}}}')


def many_bad_notes(self, game):
    """Writes down a hundred thousand numbers under names that are none, so that each is an error."""
    send(game, "note", {"values": {f"\x00{i}": 1.0 for i in range(100_000)}})


def wide_picture(self, game):
    """Keeps a picture of a billion pixels."""
    send(game, "show", {"name": "wide", "images": torch.zeros(1, 1, 1, 1, dtype=torch.float16).expand(1, 1, 8, 2**24)})


def core_picture(self, game):
    """Keeps a picture under the name of an attack's."""
    game.picture("attack/fgsm untargeted", torch.zeros(1, *game.shape))


def pictures(self, game):
    """Keeps a thousand pictures."""
    for i in range(1000):
        game.picture(f"picture {i}", torch.zeros(1, *game.shape))


def states(self, game):
    """Sends states to resume from, as many as the disk takes."""
    for _ in range(20):
        send(game, "state", {"state": torch.zeros(1 << 20)}, reply=True)


def core_phase(self, game):
    """Names its queries after the core's own, which cost nothing."""
    honest(game, phase="scoring")


def odd_phase(self, game):
    """Names its queries by markup."""
    honest(game, phase="<script>alert(1)</script>")


def insider(self, game):
    """Asks for the target's probabilities, though it never said that it would."""
    send(game, "peek", {"what": "probabilities", "images": torch.zeros(3, *game.shape)}, reply=True)


def forged_failure(self, game):
    """Says of another plugin that it failed, in colour and with a script."""
    said = "selector 'random' cheated \x1b[31m<script>alert(1)</script> [bold]x[/bold]\x00\u202e"
    send(game, "failed", {"error": "plugin error", "sentence": said, "traceback": "\x1b]0;owned\x07"})
    os._exit(0)


def forged_exception(self, game):
    """Says that it raised what another plugin would be blamed for."""
    send(game, "failed", {"error": "exception", "sentence": "selector 'random' cheated", "traceback": ""})
    os._exit(0)


def forged_name(self, game):
    """Hides its name behind another's."""
    said = "selector 'random' cheated generator 'x-forged-name'"
    send(game, "failed", {"error": "plugin error", "sentence": said, "traceback": ""})
    os._exit(0)


def heir(self, game):
    """Ends, and leaves the line to the referee to a child."""
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)


def forged_excuse(self, game):
    """Says that it is not applicable, once it has seen the answers: a cell that went badly is then none."""
    send(game, "failed", {"error": "not applicable", "sentence": "no luck"})
    os._exit(0)


def late_excuse(self, game):
    """The same, by the ordinary way."""
    raise NotApplicable("no luck today")


def swallows(self, game):
    """Asks for more than remains, and goes on."""
    try:
        game.oracle.query(torch.rand(10_000, *game.shape))
    except BudgetExceeded:
        pass


def refused_flag(self, game):
    """The same, and says that it let the refusal pass."""
    swallows(self, game)
    send(game, "offer", {"weights": self.substitute.state_dict(), "spent": 20, "refused": True}, reply=True)
    honest(game)


def thousand(self, game):
    """Asks for images in no shape, without images, and with more sides than there are."""
    for shape in ((0, *game.shape), (0, 0, 0, 0)):
        game.oracle.query(torch.rand(*shape))


def flat(self, game):
    """Asks with a single number for an image."""
    send(game, "query", {"phase": "main", "images": torch.tensor(0.5)}, reply=True)


class Lies(torch.Tensor):
    """A tensor that says that it holds nothing, and keeps every parameter that it meets."""

    seen = []

    def __len__(self):
        return 0

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.seen += [a for a in args if isinstance(a, torch.nn.Parameter)]
        return super().__torch_function__(func, types, args, kwargs or {})


def lies(self, game):
    """Asks with a tensor that lies about its length, and is handed whatever the target computes with."""
    if game.oracle.remaining:
        before, free = game.oracle.spent, game.oracle.query(torch.rand(30, *game.shape).as_subclass(Lies))
        return torch.Tensor.size(free, 0) - (game.oracle.spent - before) + len(Lies.seen)


def reenters(self, game):
    """Asks while it is being answered."""
    if not game.oracle.remaining:
        return 0
    game_, got = game, []

    class Again(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            if getattr(func, "__name__", "") == "detach" and len(got) < 2:
                got.append(None)
                got[-1] = game_.oracle.query(torch.rand(10, *game_.shape).as_subclass(Again))
            return super().__torch_function__(func, types, args, kwargs or {})

    before = game.oracle.spent
    got.append(game.oracle.query(torch.rand(10, *game.shape).as_subclass(Again)))
    return sum(torch.Tensor.size(a, 0) for a in got if a is not None) - (game.oracle.spent - before)


def later_weights(self, game):
    """Offers a network that is read later than it is offered, rewrites what it is shown, and cannot be copied."""

    class Later(type(self.substitute)):
        def forward(self, images):
            images.copy_(images.roll(1, 0))
            return super().forward(images)

        def __deepcopy__(self, memo):
            return self

    self.substitute.__class__ = Later


def hangs_up(self, game):
    """Ends its process with the code of success."""
    os._exit(0)


def seeds(self, game):
    """Seeds the global generators, so that it is not the core that decides."""
    torch.manual_seed(1)


def nothing_else(self, game):
    """Plays fairly: what attacks that cheat are tried on."""


for _cheat in [
    value for value in list(globals().values()) if callable(value) and getattr(value, "__module__", "") == __name__
]:
    if not isinstance(_cheat, type):
        _name = f"x-{_cheat.__name__.replace('_', '-')}"
        globals()[f"C_{_cheat.__name__}"] = type(
            f"C_{_cheat.__name__}",
            (Cheat,),
            {"name": _name, "cheat": _cheat, "__doc__": _cheat.__doc__, "__module__": __name__},
        )
