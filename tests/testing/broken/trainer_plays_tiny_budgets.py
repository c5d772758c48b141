# plays-tiny-budgets: ZeroDivisionError
from benchbox.contracts import Trainer


class Mine(Trainer):
    """Divides the answers in two."""

    name = "mine"

    def fit(self, game, network, images, answers):
        import torch

        10 // (len(images) // 2)
        torch.nn.functional.cross_entropy(network(images), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        return network
