from benchbox.contracts import Grant, QueryAttack


class Mine(QueryAttack):
    """Walks by random signs, or to the substitute's side, kept where the answer is another."""

    name = "mine"
    targeted = True

    def wants(self):
        return {Grant.SUBSTITUTE}

    def search(self, game, images, labels):
        import torch

        rows = torch.arange(len(images), device=game.device)
        wanted = labels if game.goals is None else game.goals
        point = images.clone().requires_grad_(True)
        scores = torch.log_softmax(game.substitute(point), 1).gather(1, wanted[:, None]).sum()
        slope = torch.autograd.grad(scores if game.goals is not None else -scores, point)[0]
        turn = 0
        while len(rows := rows[game.remaining(rows) > 0]):
            noise = torch.randn(len(rows), *game.shape, generator=game.rng) * slope[rows].std() * turn / 10
            way = slope[rows] + noise
            if game.threat.norm == "inf":
                step = game.threat.radius * way.sign()
            else:
                step = game.threat.radius * way / way.flatten(1).norm(dim=1)[:, None, None, None]
            rows = rows[~game.ask(rows, (images[rows] + step).clamp(0, 1)).solved]
            turn += 1
