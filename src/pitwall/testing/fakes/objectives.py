"""An objective whose best is known, for tests and benchmarks of search; worker processes can import it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from pitwall.ml.search.space import Choice, Parameter, Real, Space, Whole
from pitwall.ml.search.trials import Trial

SPACE = Space(
    (
        Parameter("rate", Real(1e-4, 1e-1, log=True)),
        Parameter("hidden", Whole(32, 512)),
        Parameter("optimizer", Choice(("sgd", "adam"))),
        Parameter("momentum", Real(0.0, 1.0), when=("optimizer", ("sgd",))),
        Parameter("layers", Choice(([64], [64, 32]))),
    )
)


@dataclass(frozen=True)
class Bowl:
    """A loss that falls over some steps towards a bowl with its bottom, 0, at rate .003, hidden 128, sgd with momentum .9.

    Attributes:
        steps: that are reported.
        noise: of the loss, drawn by the trial's seed.
        busy: seconds of the processor that a trial takes.
        broken: trials with a larger rate fail.
    """

    steps: int = 6
    noise: float = 0.0
    busy: float = 0.0
    broken: float = 1.0

    def __call__(self, trial: Trial) -> float:
        """Return the loss of a configuration of `SPACE`."""
        chosen = trial.params
        if chosen["rate"] > self.broken:
            raise FloatingPointError("diverged")
        loss: float = math.log10(chosen["rate"] / 0.003) ** 2 + ((chosen["hidden"] - 128) / 384) ** 2
        loss += (chosen["momentum"] - 0.9) ** 2 if chosen["optimizer"] == "sgd" else 0.2
        loss += self.noise * (trial.seed / 2**31 - 0.5)
        for step in range(self.steps):
            burn(self.busy / self.steps)
            trial.report(step, loss + 1.0 / (step + 1))
        return loss


def burn(seconds: float) -> None:
    """Keep the processor busy for so many of its own seconds, whoever else uses it."""
    until = time.process_time() + seconds
    while time.process_time() < until:  # asked seldom: the question is the system's work, not ours
        sum(range(20_000))
