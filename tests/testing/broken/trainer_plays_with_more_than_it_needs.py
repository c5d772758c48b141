# plays-with-more-than-it-needs: trainer 'mine' raised
from benchbox.contracts import Trainer


class Mine(Trainer):
    """Takes probabilities for classes."""

    name = "mine"

    def fit(self, game, network, images, answers):
        import torch

        targets = torch.nn.functional.one_hot(answers, game.classes).float()
        torch.nn.functional.cross_entropy(network(images), targets).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        return network
