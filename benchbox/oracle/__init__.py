"""The metered oracle: the only way to a target."""

from benchbox.oracle.answer import MICRO_BATCH, Answerer, softmax_in_batches
from benchbox.oracle.ledger import Ledger
from benchbox.oracle.oracle import MeteredOracle

__all__ = ["MICRO_BATCH", "Answerer", "Ledger", "MeteredOracle", "softmax_in_batches"]
