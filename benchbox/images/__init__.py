"""Data sets as the core uses them: checked, hashed, in fixed parts."""

from benchbox.images.doubts import doubts
from benchbox.images.images import Images, load_images
from benchbox.images.pool import PoolRule, pool_rows

__all__ = ["Images", "PoolRule", "doubts", "load_images", "pool_rows"]
