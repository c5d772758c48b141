from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from benchbox.target.recipe import Recipe
from benchbox.target.training import augmented, train_target
from benchbox.target.unfinished import Unfinished

CPU = torch.device("cpu")


def blobs(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Two classes that a linear network can tell apart."""
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 2
    images = torch.rand(n, 1, 4, 4, generator=rng) * 0.5 + labels[:, None, None, None] * 0.4
    return images, labels


def weights(model: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_a_target_is_the_same_under_one_seed_and_leaves_the_global_state() -> None:
    images, labels = blobs(64)
    recipe = Recipe(epochs=3, batch=16, shift=1, flip=True)

    def target(seed: int) -> Tensor:
        return weights(
            train_target(
                lambda: nn.Sequential(nn.Flatten(), nn.Linear(16, 2)), images, labels, recipe, seed=seed, device=CPU
            )
        )

    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = target(0)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert torch.equal(first, target(0))
    assert not torch.equal(first, target(1))


def test_bf16_trains_the_same_target_but_for_rounding() -> None:
    images, labels = blobs(64)

    def target(precision: str) -> nn.Module:
        recipe = Recipe.model_validate({"epochs": 40, "batch": 16, "lr": 0.02, "precision": precision})
        build = lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2))  # noqa: E731
        return train_target(build, images, labels, recipe, seed=0, device=CPU)

    full, reduced = target("float32"), target("bf16")
    assert not torch.equal(weights(full), weights(reduced))
    assert torch.allclose(weights(full), weights(reduced), atol=0.1)
    assert {p.dtype for p in reduced.parameters()} == {torch.float32}, "weights stay whole"
    assert (reduced(images).argmax(1) == labels).float().mean() > 0.95


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_every_optimizer_trains_bytes_and_floats_alike(optimizer: str) -> None:
    images, labels = blobs(64)
    levels = (images * 255).round().byte()
    recipe = Recipe(optimizer=optimizer, lr=0.05, epochs=8, batch=16, schedule="constant")

    def target(images: Tensor) -> nn.Module:
        return train_target(
            lambda: nn.Sequential(nn.Flatten(), nn.Linear(16, 2)), images, labels, recipe, seed=0, device=CPU
        )

    model = target(levels)
    assert (model(images).argmax(1) == labels).float().mean() > 0.95
    assert torch.equal(weights(model), weights(target(levels.float() / 255)))


def test_small_data_sets_get_the_least_steps() -> None:
    recipe = Recipe(epochs=10, batch=64, least_steps=2000)
    assert recipe.passes(60_000) == 10
    assert recipe.passes(1400) == 91


def test_a_killed_training_goes_on_and_ends_in_the_same_weights(tmp_path: Path) -> None:
    images, labels = blobs(64)
    recipe = Recipe(optimizer="sgd", lr=0.1, epochs=4, batch=16, shift=1, flip=True, precision="bf16")
    state, said = tmp_path / "state", list[str]()

    def build() -> nn.Module:
        return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.2), nn.Flatten(), nn.Linear(16, 2))

    def target(state: Path | None) -> Tensor:
        return weights(train_target(build, images, labels, recipe, seed=0, device=CPU, state=state, report=said.append))

    def killed(line: str) -> None:
        if line.startswith("epoch 2"):
            raise KeyboardInterrupt

    whole = target(None)
    with pytest.raises(KeyboardInterrupt):
        train_target(build, images, labels, recipe, seed=0, device=CPU, state=state, report=killed)
    said.clear()
    assert torch.equal(target(state), whole)
    assert [line.split(":")[0] for line in said] == [
        "going on behind epoch 2, where it was stopped",
        "epoch 3 of 4",
        "epoch 4 of 4",
    ]
    state.write_bytes(state.read_bytes()[:-1])
    assert torch.equal(target(state), whole), "a damaged state costs time, and nothing else"


def test_the_generators_of_gpus_go_on_too_on_those_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus, back = [torch.full((4,), number, dtype=torch.uint8) for number in range(2)], list[Tensor]()
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "set_rng_state_all", back.extend)
    kept = Unfinished(tmp_path / "state", {}, torch.Generator())
    kept.keep(1)
    for count in (0, 1, 2):
        back.clear()
        monkeypatch.setattr(torch.cuda, "device_count", lambda count=count: count)
        assert kept.restore(lambda line: None) == 1
        assert [int(state[0]) for state in back] == list(range(count))


def test_a_shift_moves_whole_images_and_brings_in_zeros() -> None:
    images = torch.ones(200, 1, 6, 5)
    moved = augmented(images, 2, torch.zeros(200).bool(), torch.Generator().manual_seed(0))
    assert moved.shape == images.shape
    sums = moved.flatten(1).sum(1)
    assert set(sums.int().tolist()) <= {h * w for h in (4, 5, 6) for w in (3, 4, 5)}
    assert sums.min() == 12
    assert sums.max() == 30


def test_an_image_is_seen_from_both_sides_within_two_epochs() -> None:
    seen: list[Tensor] = []

    class Watching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            seen.append(x[:, 0, 0].detach())
            return self.linear(x.flatten(1))  # type: ignore[no-any-return]

    images = torch.arange(400.0)[:, None, None, None] + torch.tensor([0.0, 0.1, 0.2, 0.3])
    train_target(Watching, images, torch.arange(400) % 2, Recipe(epochs=2, batch=50, flip=True), seed=0, device=CPU)
    passes = [torch.cat(seen[:8]), torch.cat(seen[8:])]
    mirrored = [{int(row.min()) for row in epoch if row[0] > row[-1]} for epoch in passes]
    assert 150 < len(mirrored[0]) < 250
    assert mirrored[1] == set(range(400)) - mirrored[0]
