# each-lesson-stands-alone: seeded the global generator of torch
from benchbox.contracts import Trainer


class Mine(Trainer):
    """Seeds torch."""

    name = "mine"

    def fit(self, game, network, images, answers):
        import torch

        torch.manual_seed(0)
        torch.nn.functional.cross_entropy(network(images), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        return network
