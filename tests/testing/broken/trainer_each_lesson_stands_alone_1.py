# each-lesson-stands-alone: trained another substitute
from benchbox.contracts import Trainer


class Mine(Trainer):
    """Goes on from the weights of the lesson before."""

    name = "mine"
    weights = None

    def fit(self, game, network, images, answers):
        import torch

        if self.weights is not None:
            network.load_state_dict(self.weights)
        torch.nn.functional.cross_entropy(network(images), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        self.weights = network.state_dict()
        return network
