# remembers-across-a-kill: told a client something else behind a kill
from benchbox.contracts import Defence, Told


class Mine(Defence):
    """Remembers images in a list, which does not last."""

    name = "mine"

    def prepare(self, owner):
        self.seen = []

    def answer(self, images, probabilities, rng):
        import torch

        near = []
        for image in images:
            near.append(any(float((image - other).norm()) < 2.0 for other in self.seen))
            self.seen.append(image)
        return Told(probabilities, torch.tensor(near))
