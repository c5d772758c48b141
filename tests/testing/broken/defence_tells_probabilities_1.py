# tells-probabilities: rows that sum to 1
from benchbox.contracts import Defence, Told


class Mine(Defence):
    """Rounds, and leaves it at that."""

    name = "mine"

    def answer(self, images, probabilities, rng):
        return Told(probabilities.round(decimals=1) * 0.9)
