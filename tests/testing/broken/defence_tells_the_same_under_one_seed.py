# tells-the-same-under-one-seed: told two clients of one seed two things
from benchbox.contracts import Defence, Told


class Mine(Defence):
    """Draws noise from the global generator."""

    name = "mine"

    def answer(self, images, probabilities, rng):
        import torch

        noise = torch.rand_like(probabilities)
        return Told((probabilities + noise) / (1 + noise.sum(1, keepdim=True)))
