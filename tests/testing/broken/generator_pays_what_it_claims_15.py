# pays-what-it-claims: kept a picture of torch.int64
from benchbox.contracts import Generator


class Mine(Generator):
    """Asks noise and trains on it."""

    name = "mine"

    def setup(self, game):
        import torch

        self.substitute = game.new_substitute()
        self.optimiser = torch.optim.SGD(self.substitute.parameters(), lr=0.1)

    def round(self, game):
        import torch

        n = min(10, game.oracle.remaining)
        images = torch.rand(n, *game.shape, generator=game.rng).to(game.device)
        answers = game.oracle.query(images)
        game.picture("answers", answers)
        loss = torch.nn.functional.cross_entropy(self.substitute(images), answers)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return True
