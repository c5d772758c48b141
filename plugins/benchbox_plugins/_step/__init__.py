"""Training steps of small networks on a CPU, without what autograd, allocation and layout cost there."""

from benchbox_plugins._step.pooled import pooled_first
from benchbox_plugins._step.stepper import Stepper

__all__ = ["Stepper", "pooled_first"]
