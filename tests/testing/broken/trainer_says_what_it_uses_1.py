# says-what-it-uses: read game.unlabelled and does not say so; expected wants() to name Grant.UNLABELLED
from benchbox.contracts import Trainer


class Mine(Trainer):
    """Takes the mean of all images away, and does not say that it reads them."""

    name = "mine"

    def fit(self, game, network, images, answers):
        import torch

        mean = game.unlabelled.mean(0)
        torch.nn.functional.cross_entropy(network(images - mean), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        return network
