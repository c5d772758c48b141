# learns-from-answers: reached an accuracy of 0.
from benchbox.contracts import Trainer


class Mine(Trainer):
    """Returns the network as it was."""

    name = "mine"

    def fit(self, game, network, images, answers):
        return network
