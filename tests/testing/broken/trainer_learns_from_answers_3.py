# learns-from-answers: expected the network that it was given, trained
from benchbox.contracts import Trainer


class Mine(Trainer):
    """Forgets to return the network."""

    name = "mine"

    def fit(self, game, network, images, answers):
        import torch

        torch.nn.functional.cross_entropy(network(images), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
