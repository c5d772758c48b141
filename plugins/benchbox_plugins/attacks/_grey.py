"""How far a step or a ball can reach in images whose values lie in [0, 1]."""

from __future__ import annotations


def check_reach(key: str, value: float, norm: str = "inf") -> None:
    """Refuse a distance beyond 1 under norm inf: it is usually one of images in [0, 255], and would allow everything.

    Raises:
        ValueError: the sentence says what to write.
    """
    if norm == "inf" and value > 1:
        raise ValueError(
            f"{key} = {value:g} reaches beyond all images, whose values lie in [0, 1]; "
            f"for {value:g} of 255 grey levels write {key}={value:g}/255"
        )
