"""Options that several trainers have."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Augment = Annotated[
    Literal["auto", "affine", "shift", "none"],
    Field(
        description="how images are changed in training: ``affine`` for what is drawn, ``shift`` for objects, or not at all; "
        "``auto``: ``affine`` where images are grey, ``shift`` where they have colours"
    ),
]
Prior = Annotated[
    Literal["equal", "none"],
    Field(description="what the attacker knows of the classes: that all are equally frequent, or nothing"),
]
