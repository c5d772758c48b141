"""One plugin per rule that breaks it, and little else: what the kit must catch, and part of what it must say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """A plugin file, the rule that must fail, and words of its sentence."""

    rule: str
    said: str
    body: str
    kind: str = "selector"


HEAD = {
    "selector": """
from pydantic import Field
from benchbox.contracts import *
from benchbox.contracts import Options as Base

class Mine(Selector):
    '''Takes rows at random.'''
    name = "mine"
    def select(self, game, k):
        import torch
        return torch.randperm(len(game.pool), generator=game.rng)[:k]
""",
    "generator": """
from pydantic import Field
from benchbox.contracts import *

class Mine(Generator):
    '''Asks noise and trains on it.'''
    name = "mine"
    def setup(self, game):
        import torch
        self.substitute = game.new_substitute()
        self.optimiser = torch.optim.SGD(self.substitute.parameters(), lr=0.1)
    def round(self, game):
        import torch
        n = min(10, game.oracle.remaining)
        images = torch.rand(n, *game.shape, generator=game.rng).to(game.device)
        answers = game.oracle.query(images)
        loss = torch.nn.functional.cross_entropy(self.substitute(images), answers)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return True
""",
    "attack": """
from benchbox.contracts import *

class Mine(Attack):
    '''One gradient step.'''
    name = "mine"
    def perturb(self, substitute, images, labels, *, classes, targeted):
        import torch
        images = images.clone().requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(substitute(images), labels)
        gradient = torch.autograd.grad(loss, images)[0]
        return (images + (-0.2 if targeted else 0.2) * gradient.sign()).clamp(0, 1)
""",
    "dataset": """
import numpy as np
from benchbox.contracts import *

class Mine(Dataset):
    '''Noise in three classes.'''
    name = "mine"
    def load(self, root, *, download):
        rng = np.random.Generator(np.random.PCG64(1))
        x, y = rng.random((30, 8, 8), dtype=np.float32), np.arange(30) % 3
        return Arrays(x[:20], y[:20], x[20:], y[20:])
""",
    "model": """
from benchbox.contracts import *

class Mine(Model):
    '''One linear layer.'''
    name = "mine"
    def build(self, shape, classes):
        from torch import nn
        return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes))
""",
}

_SELECT = "    def select(self, game, k):\n        import torch\n"
_ROUND = "    def round(self, game):\n        import torch\n"
_ROWS = "        return torch.randperm(len(game.pool), generator=game.rng)[:k]\n"
_BUILD = "    def build(self, shape, classes):\n        from torch import nn\n"


def _selector(body: str) -> str:
    return HEAD["selector"].replace(_SELECT, _SELECT + body)


def _generator(body: str) -> str:
    return HEAD["generator"].replace(_ROUND, _ROUND + body)


def _attack(old: str, new: str) -> str:
    assert old in HEAD["attack"]
    return HEAD["attack"].replace(old, new)


def _dataset(old: str, new: str) -> str:
    assert old in HEAD["dataset"]
    return HEAD["dataset"].replace(old, new)


def _model(body: str) -> str:
    return HEAD["model"].replace(_BUILD, _BUILD + body)


OPTIONS = "    class Options(Base):\n        step: int{value}\n" + _SELECT

CASES = [
    # of every kind
    Broken("name-is-easy-to-type", "hard to type", HEAD["selector"].replace('"mine"', '"Mine_"')),
    Broken("docs-say-what-it-is", "no docstring", HEAD["selector"].replace("    '''Takes rows at random.'''\n", "")),
    Broken("docs-say-what-it-is", "'Takes rows'", HEAD["selector"].replace("rows at random.", "rows")),
    Broken("options-are-described", "option 'step'", HEAD["selector"].replace(_SELECT, OPTIONS.format(value=" = 1"))),
    Broken("pickles", "cannot be pickled", _selector("").replace(_SELECT, "    def __init__(self, options=None):\n        super().__init__(options)\n        self.f = lambda: 1\n" + _SELECT)),
    Broken("listing-imports-nothing-heavy", "imports torch", "import torch\n" + HEAD["selector"]),
    Broken("names-no-device", "'cuda:0'", _selector("        torch.zeros(0).to('cpu')\n        0 and torch.zeros(1, device='cuda:0')\n").replace(".to('cpu')", "")),
    Broken("names-no-device", ".cuda()", _attack("return (images", "0 and images.cuda()\n        return (images"), "attack"),
    # methods
    Broken("pays-what-it-claims", "queries remaining", _selector("        game.oracle.query(game.pool.images[:5])\n")),
    Broken("pays-what-it-claims", "has paid for 0", HEAD["selector"] + "    nested = False\n    def known(self):\n        import torch\n        return torch.arange(60), torch.zeros(60, dtype=torch.long)\n"),
    Broken("pays-what-it-claims", "queries in rounds, not in setup", HEAD["generator"].replace("        self.substitute = ", "        game.oracle.query(torch.rand(3, *game.shape))\n        self.substitute = "), "generator"),
    Broken("pays-what-it-claims", "asked nothing", _generator("        return False\n"), "generator"),
    Broken("pays-what-it-claims", "swallowed BudgetExceeded", _generator("        try:\n            game.oracle.query(torch.rand(500, *game.shape))\n        except BudgetExceeded:\n            pass\n"), "generator"),
    Broken("pays-what-it-claims", "swallowed BudgetExceeded", _selector("        try:\n            game.oracle.query(game.pool.images[[0] * 99])\n        except Exception:\n            pass\n")),
    Broken("pays-what-it-claims", "without a query", _generator("        return True\n"), "generator"),
    Broken("pays-what-it-claims", "NaN", _generator("        game.oracle.query(torch.full((1, *game.shape), float('nan')))\n"), "generator"),
    Broken("pays-what-it-claims", "of shape (3, 5, 5)", _generator("        game.oracle.query(torch.rand(3, 5, 5))\n"), "generator"),
    Broken("plays-tiny-budgets", "ZeroDivisionError", _selector("        10 // (k // 2)\n")),
    Broken("plays-tiny-budgets", "queries remaining", _selector("        game.oracle.query(game.pool.images[:1])\n        game.oracle.query(game.pool.images[:1])\n") + "    nested = False\n    def known(self):\n        return None\n"),
    Broken("repeats-under-one-seed", "two different games", _selector("        import secrets\n        game.rng.manual_seed(secrets.randbelow(2**40))\n")),
    Broken("ignores-global-random-state", "global random generators", _selector("        return torch.randperm(len(game.pool))[:k]\n")),
    Broken("ignores-global-random-state", "global random generators", _generator("        game.oracle.query(torch.rand(1, *game.shape))\n"), "generator"),
    Broken("pays-what-it-claims", "seeded the global generator of torch", _selector("        torch.manual_seed(3)\n")),
    Broken("pays-what-it-claims", "seeded the global generator of numpy", _selector("        import numpy\n        numpy.random.seed(3)\n")),
    Broken("pays-what-it-claims", "seeded the global generator of random", _generator("        import random\n        random.seed(3)\n"), "generator"),
    Broken("reads-labels-alone", "other probabilities", _selector(
        "        meter = next(c.cell_contents for c in type(game.oracle).query.__closure__)\n"
        "        said = meter._MeteredOracle__answer(game.pool.images, Access.PROBABILITIES)\n"
        "        return torch.arange(len(game.pool)).roll(int(1e6 * said.amax(1).mean()) % 50)[:k]\n"
    )),
    Broken("plays-with-more-than-it-needs", "RuntimeError", HEAD["generator"].replace("cross_entropy(self.substitute(images), answers)", "nll_loss(self.substitute(images).log_softmax(1), answers)"), "generator"),
    Broken("lets-the-oracle-go", "in self.game", _selector("        self.game = game\n")),
    Broken("lets-the-oracle-go", "holds the oracle", _generator("        self.__class__.ask = game.oracle.query\n"), "generator"),
    Broken("pays-what-it-claims", "out of turn", HEAD["generator"].replace("        self.substitute = game.new_substitute()\n", "        class Cheat(torch.nn.Module):\n            def forward(self, images):\n                return torch.nn.functional.one_hot(game.oracle.query(images), game.classes).float()\n        self.substitute = Cheat()\n        self.substitute.w = torch.nn.Parameter(torch.zeros(1))\n").replace("        loss = torch.nn.functional.cross_entropy(self.substitute(images), answers)\n", "        loss = self.substitute.w.sum()\n"), "generator"),
    Broken("pays-what-it-claims", "on 'meta'", _generator("        self.substitute.to('meta')\n        game.oracle.query(torch.rand(1, *game.shape))\n        return False\n"), "generator"),
    Broken("pays-what-it-claims", "expected a torch.nn.Module", HEAD["generator"].replace("self.substitute = game.new_substitute()", "self.substitute = 3").replace("        self.optimiser = torch.optim.SGD(self.substitute.parameters(), lr=0.1)\n", ""), "generator"),
    Broken("pays-what-it-claims", "expected (2, 4)", HEAD["generator"].replace("game.new_substitute()", "torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 9))"), "generator"),
    # selectors
    Broken("chooses-k-rows", "rows must differ", _selector("        return torch.zeros(k, dtype=torch.long)\n")),
    Broken("chooses-k-rows", "returned row", _selector("        return torch.arange(k) + 1\n")),
    Broken("chooses-k-rows", "asked for", _selector("        return torch.arange(max(k, 2))\n")),
    Broken("chooses-k-rows", "returned list", _selector("        return list(range(k))\n")),
    Broken("nested-choices-are-nested", "the first of 24", _selector("        return torch.arange(len(game.pool)).roll(k)[:k]\n")),
    # generators
    Broken("resumes-where-it-was-killed", "went another way", HEAD["generator"].replace("        self.substitute = ", "        self.seen = []\n        self.substitute = ").replace("        return True\n", "        self.seen.append(images)\n        with torch.no_grad():\n            next(iter(self.substitute.parameters())).add_(len(self.seen))\n        return True\n"), "generator"),
    Broken("resumes-where-it-was-killed", "does not read back", HEAD["generator"] + "    def state_dict(self):\n        return {'self': type(self)}\n", "generator"),
    # attacks
    Broken("makes-valid-examples", "NaN", _attack("return (images", "return float('nan') * (images"), "attack"),
    Broken("makes-valid-examples", "images from", _attack(".clamp(0, 1)", ""), "attack"),
    Broken("makes-valid-examples", "expected images of shape", _attack(".clamp(0, 1)", ".clamp(0, 1)[0]"), "attack"),
    Broken("makes-valid-examples", "seeded the global generator of torch", _attack("return (images", "torch.manual_seed(1)\n        return (images"), "attack"),
    Broken("moves-the-loss-its-way", "did not raise", _attack("-0.2 if targeted else 0.2", "0.2 if targeted else -0.2"), "attack"),
    Broken("repeats-under-one-state", "other examples", _attack("return (images", "import os\n        images = (images + 0.1 * torch.rand(1, generator=torch.Generator().manual_seed(int.from_bytes(os.urandom(4), 'big')))).clamp(0, 1)\n        return (images"), "attack"),
    Broken("leaves-the-substitute-alone", "another mode", _attack("return (images", "substitute.train()\n        return (images"), "attack"),
    Broken("leaves-the-substitute-alone", "weights", _attack("return (images", "next(iter(substitute.parameters())).data.zero_()\n        return (images"), "attack"),
    Broken("leaves-the-images-alone", "changed the images", _attack("images = images.clone()", "images.mul_(0.5)\n        images = images.clone()"), "attack"),
    # data sets
    Broken("loads-valid-images", "float images range from", _dataset("return Arrays(x[:20]", "return Arrays(255 * x[:20]"), "dataset"),
    Broken("loads-valid-images", "without being asked to download", _dataset("rng =", "import socket\n        socket.create_connection(('127.0.0.1', 9))\n        rng ="), "dataset"),
    Broken("every-class-is-there", "no test image of class", _dataset("y[20:])", "0 * y[20:])"), "dataset"),
    Broken("loads-the-same-twice", "other images", _dataset("np.random.Generator(np.random.PCG64(1))", "np.random.default_rng()"), "dataset"),
    Broken("says-what-is-missing", "AttributeError", _dataset("rng =", "root.exists()\n        rng ="), "dataset"),
    Broken("loads-without-torch", "imported torch", _dataset("rng =", "import torch\n        rng ="), "dataset"),
    # models
    Broken("gives-logits", "(1, 8)", _model("        classes += 1\n"), "model"),
    Broken("weights-come-from-the-seed", "seeds the global generator", _model("        import torch\n        torch.manual_seed(1)\n"), "model"),
    Broken("weights-come-from-the-seed", "under two seeds", HEAD["model"].replace("return nn.Sequential(", "import torch\n        with torch.random.fork_rng():\n            torch.manual_seed(1)\n            return nn.Sequential("), "model"),
    Broken("weights-come-from-the-seed", "two different networks", HEAD["model"].replace("return nn.Sequential(", "import os, torch\n        with torch.random.fork_rng():\n            torch.manual_seed(int.from_bytes(os.urandom(4), 'big'))\n            return nn.Sequential("), "model"),
    Broken("every-weight-learns", "learns nothing", HEAD["model"].replace("return nn.Sequential(", "layer = nn.Sequential(").rstrip() + "\n        layer.spare = nn.Parameter(layer[1].weight.detach().clone())\n        layer.forward = lambda x: layer[1](layer[0](x))\n        return layer\n", "model"),
    Broken("weights-can-be-kept", "cannot be kept", _model("        a = nn.Linear(shape[0] * shape[1] * shape[2], 5)\n        b = nn.Linear(shape[0] * shape[1] * shape[2], 5)\n        b.weight = a.weight\n        class Two(nn.Module):\n            def __init__(self):\n                super().__init__()\n                self.a, self.b, self.c = a, b, nn.Linear(10, classes)\n            def forward(self, x):\n                import torch\n                x = x.flatten(1)\n                return self.c(torch.cat([self.a(x), self.b(x)], 1))\n        return Two()\n"), "model"),
    Broken("runs-on-any-device", "another device", HEAD["model"] + "    def build(self, shape, classes):\n        import torch\n        class Net(torch.nn.Module):\n            def __init__(self):\n                super().__init__()\n                self.last = torch.nn.Linear(shape[0] * shape[1] * shape[2], classes)\n            def forward(self, x):\n                return self.last(x.flatten(1)) @ torch.eye(classes)\n        return Net()\n", "model"),
]  # fmt: skip
