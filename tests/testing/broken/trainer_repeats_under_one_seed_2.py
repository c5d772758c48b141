# repeats-under-one-seed: two different games
from benchbox.contracts import Grant, Trainer


class Mine(Trainer):
    """Shows features that no seed decides."""

    name = "mine"

    def wants(self):
        return {Grant.UNLABELLED}

    def prepare(self, game):
        import secrets

        game.rng.manual_seed(secrets.randbelow(2**40))
        return {"features": game.unlabelled.flatten(1).mul(game.rng.initial_seed()).cos()}

    def fit(self, game, network, images, answers):
        import torch

        torch.nn.functional.cross_entropy(network(images), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        return network
