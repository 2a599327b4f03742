"""RelBench's tasks on Formula 1: answer, score and write, from a folder of the user's and without a project."""

from pitwall.ml.relbench.protocol import PROTOCOLS
from pitwall.workflows.relbench.answering import Done, run
from pitwall.workflows.relbench.asking import asked

__all__ = ["PROTOCOLS", "Done", "asked", "run"]
