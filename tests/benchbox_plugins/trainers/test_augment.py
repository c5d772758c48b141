"""Changed copies of images."""

from __future__ import annotations

import torch
from benchbox_plugins.trainers._augment import augmented, holed


def test_changes_of_no_strength_change_nothing_and_others_are_drawn_for_each_image() -> None:
    image = torch.rand((1, 1, 28, 28), generator=torch.Generator().manual_seed(0)).expand(2, -1, -1, -1)
    rng = torch.Generator().manual_seed(1)
    assert torch.equal(augmented(image, "affine", 0, rng), image)
    for how in ("affine", "shift"):
        first, second = augmented(image, how, 1, rng)  # type: ignore[arg-type]
        assert not torch.equal(first, second)


def test_what_is_grey_is_turned_and_what_has_colours_is_mirrored_where_nothing_is_said() -> None:
    for channels, how in ((1, "affine"), (3, "shift")):
        images = torch.rand((4, channels, 28, 28), generator=torch.Generator().manual_seed(0))
        usual, said = (
            augmented(images, named, 1, torch.Generator().manual_seed(1))  # type: ignore[arg-type]
            for named in ("auto", how)
        )
        assert torch.equal(usual, said)


def test_shifts_move_whole_pixels_and_flip_half_of_the_images() -> None:
    side, most = 32, 4
    image = torch.rand((1, 3, side, side), generator=torch.Generator().manual_seed(0)) + 0.1
    seen = augmented(image.expand(2000, -1, -1, -1), "shift", 1, torch.Generator().manual_seed(1))
    padded = torch.nn.functional.pad(image, (most,) * 4)
    windows = [
        padded[0, :, top : top + side, left : left + side]
        for top in range(2 * most + 1)
        for left in range(2 * most + 1)
    ]
    plain = torch.stack(windows).flatten(1)
    known = torch.cat([plain, torch.stack(windows).flip(3).flatten(1)])
    which = torch.cdist(seen.flatten(1), known, compute_mode="donot_use_mm_for_euclid_dist").min(1)
    assert (which.values == 0).all()
    assert len(which.indices.unique()) == len(known), "every shift, plain and mirrored"
    assert 900 < (which.indices >= len(plain)).sum() < 1100


def test_a_hole_is_one_square_of_the_stated_side_at_a_place_of_its_own_in_every_image() -> None:
    images = torch.ones(5000, 3, 28, 20)
    holes = 1 - holed(images, 0.3, torch.Generator().manual_seed(0))
    assert (holes.sum((2, 3)) == 6 * 6).all()
    assert holes.amax((0, 1)).min() == 1, "every pixel of some image is cut out"
    assert all(
        rows.sum() == columns.sum() == 6 for rows, columns in zip(holes[:, 0].amax(2), holes[:, 0].amax(1), strict=True)
    )
