# loads-valid-images: without being asked to download
import numpy as np

from benchbox.contracts import Arrays, Dataset


class Mine(Dataset):
    """Noise in three classes."""

    name = "mine"

    def load(self, root, *, download):
        import socket

        with socket.socket() as connection:
            connection.connect(("127.0.0.1", 9))
        rng = np.random.Generator(np.random.PCG64(1))
        x, y = rng.random((30, 8, 8), dtype=np.float32), np.arange(30) % 3
        return Arrays(x[:20], y[:20], x[20:], y[20:])
