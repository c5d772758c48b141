"""Targets that their owners give: files of networks, functions and endpoints. They are asked, and never trained."""

from benchbox.target.given.gift import Gift, read_gift
from benchbox.target.given.record import GivenRecord

__all__ = ["Gift", "GivenRecord", "read_gift"]
