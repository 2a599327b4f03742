"""Repeat a training run in a scratch copy and say whether the same comes out; if not, what differed first."""

from pitwall.tracking.reproduce.request import Original, Request
from pitwall.tracking.reproduce.run import reproduce
from pitwall.tracking.reproduce.verdict import Reproduction

__all__ = ["Original", "Reproduction", "Request", "reproduce"]
