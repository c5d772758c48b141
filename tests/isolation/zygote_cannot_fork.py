"""Imported into a zygote: its first fork fails, as where a limit on processes is reached."""

import errno
import os

_fork = os.fork


def _refused() -> int:
    os.fork = _fork
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


os.fork = _refused
