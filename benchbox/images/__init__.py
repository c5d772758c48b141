"""Data sets as the core uses them: checked, hashed, in fixed parts, read by rows."""

from benchbox.images.doubts import doubts
from benchbox.images.images import ImageSet, load_images
from benchbox.images.pool import PoolRule, pool_rows

__all__ = ["ImageSet", "PoolRule", "doubts", "load_images", "pool_rows"]
