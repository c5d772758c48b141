# repeats-under-one-seed: two different games
from benchbox.contracts import Trainer


class Mine(Trainer):
    """Draws noise that no seed decides."""

    name = "mine"

    def fit(self, game, network, images, answers):
        import secrets

        import torch

        game.rng.manual_seed(secrets.randbelow(2**40))
        noise = 0.1 * torch.randn(images.shape, generator=game.rng).to(game.device)
        torch.nn.functional.cross_entropy(network(images + noise), answers).backward()
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        return network
