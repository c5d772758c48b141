"""Plugins of the tests, as source: bodies are put in."""

SELECTOR = """
import torch
from benchbox.contracts import Selector

class Mine(Selector):
    '''A selector of the test.'''
    name = "mine"
    def select(self, game, k):
        {body}
"""

GENERATOR = """
import torch
from benchbox.contracts import Generator

class Mine(Generator):
    '''Asks {step} random images a round and counts its rounds in the substitute's last bias.'''
    name = "mine"
    def setup(self, game):
        self.substitute = game.new_substitute()
    def round(self, game):
        {body}
        game.oracle.query(torch.rand({step}, *game.shape, generator=game.rng))
        with torch.no_grad():
            list(self.substitute.parameters())[-1][0] += 100
        return True
"""

ATTACK = """
import torch
from benchbox.contracts import Attack, Threat

class Hit(Attack):
    '''An attack of the test.'''
    name = "hit"
    def threat(self):
        return Threat("inf", 0.3)
    def perturb(self, substitute, images, labels, *, classes, targeted):
        {body}
"""

TRAINER = """
import torch
from benchbox.contracts import Grant, Trainer

class Teach(Trainer):
    '''A trainer of the test.'''
    name = "teach"
    def wants(self):
        return {{Grant.UNLABELLED}}
    def prepare(self, game):
        {prepare}
    def fit(self, game, network, images, answers):
        {fit}
"""
