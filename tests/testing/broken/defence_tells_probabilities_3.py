# tells-probabilities: marked 40 images with Tensor
from benchbox.contracts import Defence, Told


class Mine(Defence):
    """Marks one image for all."""

    name = "mine"

    def answer(self, images, probabilities, rng):
        return Told(probabilities, probabilities[:1].amax(1) > 0)
