from benchbox.contracts import Selector


class Mine(Selector):
    """Takes the images with the brightest pixels."""

    name = "mine"
    deterministic = True

    def select(self, game, k):
        return game.pool.images.flatten(1).amax(1).argsort(descending=True, stable=True)[:k]
