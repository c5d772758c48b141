# says-what-it-uses: wants Grant.LABELS, which no trainer is given
from benchbox.contracts import Grant, Trainer


class Mine(Trainer):
    """Wants what no trainer is given."""

    name = "mine"

    def wants(self):
        return {Grant.LABELS}

    def fit(self, game, network, images, answers):
        import torch

        torch.nn.functional.cross_entropy(network(images), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        return network
