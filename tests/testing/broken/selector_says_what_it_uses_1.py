# says-what-it-uses: read game.pool.labels and does not say so; expected wants() to name Grant.LABELS
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes the rows class by class, and does not say that it reads the attacker's own labels."""

    name = "mine"

    def select(self, game, k):
        return game.pool.labels.argsort(stable=True)[:k]
