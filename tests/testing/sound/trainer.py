from benchbox.contracts import Grant, Trainer


class Mine(Trainer):
    """Trains on what is left of the answered images when the mean of all is taken away."""

    name = "mine"

    def wants(self):
        return {Grant.UNLABELLED}

    def prepare(self, game):
        mean = game.unlabelled.mean(0, keepdim=True)
        return {"mean": mean, "features": (game.unlabelled - mean).flatten(1)}

    def fit(self, game, network, images, answers):
        import torch

        optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
        for _ in range(30):
            rows = torch.randint(len(images), (8,), generator=game.rng).to(game.device)
            shift = game.prepared["mean"] * torch.rand((8, 1, 1, 1), generator=game.rng).to(game.device) * 0.1
            loss = torch.nn.functional.cross_entropy(network(images[rows] - shift), answers[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        return network
