"""Features of images that nobody labelled: a dictionary of patches, learnt by K-means.

Coates and Ng, The importance of encoding versus training with sparse coding and vector quantization (ICML 2011), their
simplest pair: K-means on whitened patches, and a soft threshold of both signs. Distances between such features follow the
classes far better than distances between pixels do, and nothing in them knows the data set: no augmentation, no epochs.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from benchbox.contracts import NotApplicable

_CONTRAST = 0.01  # variance that is added to a patch's own; Coates and Ng add 10 grey levels, squared
_FLAT = 4e-4  # a patch of less variance holds nothing; amplified, its noise would look like a pattern
_WHITENING = 0.1
_ROUNDS = 10
_IMAGES, _PATCHES = 2_000, 20  # that the dictionary is learnt from, and how many of each
_BATCH = 250


@dataclass(frozen=True)
class Patches:
    """A dictionary of patches.

    Attributes:
        filters: float32 (patches, channels, size, size), which whiten a normalised patch and compare it in one.
        offsets: float32 (patches,), what the mean patch gives.
    """

    filters: Tensor
    offsets: Tensor


def patch_features(
    images: Tensor, rng: torch.Generator, *, patches: int = 64, size: int = 7, grid: int = 4, components: int = 64
) -> Tensor:
    """Return features of images, learnt from these images alone.

    Args:
        images: float32 (n, channels, height, width) in [0, 1], n >= 1.
        rng: draws the patches and the first dictionary, on the CPU.
        patches: how many the dictionary has.
        size: a patch's side, in pixels; odd.
        grid: the responses are averaged in grid x grid fields.
        components: how many principal components are kept.

    Returns:
        float32 (n, components), rows of length 1.
    """
    dictionary = learn_patches(images, rng, patches, size)
    found = torch.cat([_fields(batch, dictionary, grid) for batch in torch.split(images, _BATCH)])
    return F.normalize(principal(found, components, rng))


def learn_patches(images: Tensor, rng: torch.Generator, patches: int, size: int) -> Patches:
    """Learn a dictionary: K-means of whitened patches by the angle between them, opposite ones being one.

    Raises:
        NotApplicable: no patch holds anything.
    """
    drawn = _draw(images, rng, size)
    if not len(drawn):
        raise NotApplicable("the unlabelled images are blank: no patch of them holds a pattern to learn")
    mean = drawn.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(drawn.T))
    whiten = (vectors * (values.clamp_min(0) + _WHITENING).rsqrt()) @ vectors.T
    white = (drawn - mean) @ whiten
    start = torch.randn((patches, white.shape[1]), generator=rng).to(images.device)
    means = F.normalize(start @ whiten)
    for _ in range(_ROUNDS):
        likeness = white @ means.T
        nearest = likeness.abs().argmax(1)
        share = likeness.gather(1, nearest[:, None])
        means = F.normalize(torch.zeros_like(means).index_add_(0, nearest, white * share) + 1e-3 * means)
    filters = means @ whiten
    return Patches(filters.reshape(patches, images.shape[1], size, size), filters @ mean)


def principal(rows: Tensor, components: int, rng: torch.Generator) -> Tensor:
    """Return rows (n, d) in the space of their first principal components, (n, at most components), up to a rotation.

    By four rounds of subspace iteration (Halko, Martinsson and Tropp, SIAM Review 2011): an eigendecomposition of 2,048
    columns takes longer than everything else here.
    """
    centred = rows - rows.mean(0)
    kept = min(components, *rows.shape)
    basis = torch.randn((rows.shape[1], kept), generator=rng).to(rows.device)
    for _ in range(4):
        basis = torch.linalg.qr(centred.T @ (centred @ basis)).Q
    return centred @ basis


def _draw(images: Tensor, rng: torch.Generator, size: int) -> Tensor:
    """Return normalised patches that are not flat, (n, channels * size * size)."""
    some = images[torch.randperm(len(images), generator=rng)[:_IMAGES].to(images.device)]
    drawn = []
    for batch in torch.split(some, _BATCH):
        cut = F.unfold(batch, size, padding=size // 2).transpose(1, 2)
        places = torch.randint(cut.shape[1], (len(batch), _PATCHES, 1), generator=rng).to(images.device)
        drawn.append(cut.gather(1, places.expand(-1, -1, cut.shape[2])).flatten(0, 1))
    rows = torch.cat(drawn)
    variance = rows.var(1, keepdim=True, correction=0)
    rows = (rows - rows.mean(1, keepdim=True)) / (variance + _CONTRAST).sqrt()
    return rows[variance[:, 0] > _FLAT]


def _fields(images: Tensor, dictionary: Patches, grid: int) -> Tensor:
    """Return how much of each patch, and of its opposite, stands in each field: (n, 2 * patches * grid * grid)."""
    filters, size = dictionary.filters, dictionary.filters.shape[-1]
    means = _local_mean(images, size)
    variance = (_local_mean(images.square(), size) - means.square()).clamp_min(0)
    raw = F.conv2d(images.contiguous(memory_format=torch.channels_last), filters, padding=size // 2)
    likeness = raw - means * filters.sum((1, 2, 3))[:, None, None]
    likeness = likeness / (variance + _CONTRAST).sqrt() - dictionary.offsets[:, None, None]
    likeness = likeness * (variance > _FLAT)
    found = torch.cat([F.relu(likeness - 0.5), F.relu(-likeness - 0.5)], 1)
    # the root keeps a few strong strokes from deciding every distance
    return F.adaptive_avg_pool2d(found, grid).flatten(1).sqrt()


def _local_mean(images: Tensor, size: int) -> Tensor:
    return F.avg_pool2d(images.mean(1, keepdim=True), size, stride=1, padding=size // 2)
