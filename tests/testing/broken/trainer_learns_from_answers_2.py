# learns-from-answers: AttributeError
from benchbox.contracts import Grant, Trainer


class Mine(Trainer):
    """Keeps on self what it prepares, which is done in another process than fitting."""

    name = "mine"

    def wants(self):
        return {Grant.UNLABELLED}

    def prepare(self, game):
        self.mean = game.unlabelled.mean(0)
        return {}

    def fit(self, game, network, images, answers):
        import torch

        torch.nn.functional.cross_entropy(network(images - self.mean), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        return network
