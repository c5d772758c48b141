# gives-logits: no value below 0 under any seed
from benchbox.contracts import Model


class Mine(Model):
    """One linear layer, and a sigmoid behind it."""

    name = "mine"

    def build(self, shape, classes):
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes), nn.Sigmoid())
