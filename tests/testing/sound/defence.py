from benchbox.contracts import Defence, Told


class Mine(Defence):
    """Blocks every image that is darker than all before it, and says half of what it knows of the others."""

    name = "mine"

    def prepare(self, owner):
        images, _ = owner.draw(100)
        self.darkest = float(images.flatten(1).mean(1).max())

    def answer(self, images, probabilities, rng):
        import torch

        darker = []
        for image in images:
            darker.append(float(image.mean()) < self.darkest)
            self.darkest = min(self.darkest, float(image.mean()))
        noise = torch.stack([torch.rand(probabilities.shape[1], generator=rng) for _ in images]).to(probabilities)
        told = probabilities / 2 + noise / noise.sum(1, keepdim=True) / 2
        return Told(told, torch.tensor(darker), torch.tensor(darker))
