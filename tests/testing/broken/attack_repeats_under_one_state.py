# repeats-under-one-state: other examples
from benchbox.contracts import Attack, Threat


class Mine(Attack):
    """One gradient step."""

    name = "mine"

    def threat(self):
        return Threat("inf", 0.2)

    def perturb(self, substitute, images, labels, *, classes, targeted):
        import torch

        images = images.clone().requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(substitute(images), labels)
        gradient = torch.autograd.grad(loss, images)[0]
        import os

        images = (
            images + 0.1 * torch.rand(1, generator=torch.Generator().manual_seed(int.from_bytes(os.urandom(4), "big")))
        ).clamp(0, 1)
        return (images + (-0.1 if targeted else 0.1) * gradient.sign()).clamp(0, 1)
