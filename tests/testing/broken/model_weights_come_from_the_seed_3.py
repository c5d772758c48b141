# weights-come-from-the-seed: two different networks
from benchbox.contracts import Model


class Mine(Model):
    """One linear layer."""

    name = "mine"

    def build(self, shape, classes):
        import os

        import torch
        from torch import nn

        with torch.random.fork_rng():
            torch.manual_seed(int.from_bytes(os.urandom(4), "big"))
            return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes))
