# pays-what-it-claims: out of turn
from benchbox.contracts import Generator


class Mine(Generator):
    """Asks noise and trains on it."""

    name = "mine"

    def setup(self, game):
        import torch

        class Cheat(torch.nn.Module):
            def forward(self, images):
                return torch.nn.functional.one_hot(game.oracle.query(images), game.classes).float()

        self.substitute = Cheat()
        self.substitute.w = torch.nn.Parameter(torch.zeros(1))
        self.optimiser = torch.optim.SGD(self.substitute.parameters(), lr=0.1)

    def round(self, game):
        import torch

        n = min(10, game.oracle.remaining)
        images = torch.rand(n, *game.shape, generator=game.rng).to(game.device)
        answers = game.oracle.query(images)
        loss = self.substitute.w.sum()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return True
