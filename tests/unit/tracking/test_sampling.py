"""Sampling: what is read, how often, and that it neither ends the training nor outlives it."""

from __future__ import annotations

import threading

import pytest

from pitwall.domain.errors import TrackingError, UsageError
from pitwall.tracking import Sampler
from pitwall.tracking.sampling import readings
from pitwall.tracking.sampling.readings import Readings


def test_samples_come_at_steps_and_the_last_one_before_the_block_ends():
    seen, enough = [], threading.Event()

    def log(numbers, step):
        seen.append((step, dict(numbers), threading.current_thread().name))
        if step == 2:
            enough.set()

    with Sampler(log, every=0.001) as sampler:
        assert enough.wait(60)
    count = len(seen)
    assert [step for step, *_ in seen] == list(range(count))
    assert {name for *_, name in seen} == {"sampler"}
    assert all(numbers["system.memory_mb"] > 1 and numbers["system.cpu_percent"] >= 0 for _, numbers, _ in seen)
    assert sampler.peaks["system.memory_mb"] == max(numbers["system.memory_mb"] for _, numbers, _ in seen)
    assert not [each for each in threading.enumerate() if each.name == "sampler"]
    assert len(seen) == count


def test_a_store_that_refuses_ends_the_sampling_and_not_the_training():
    called = []

    def log(numbers, step):
        called.append(step)
        raise TrackingError("full")

    with pytest.warns(UserWarning, match="nothing was sampled any more after TrackingError: full"), Sampler(log, 0.001):
        reached = True
    assert (reached, called) == (True, [0])


def test_an_error_of_the_training_goes_on():
    with pytest.raises(ZeroDivisionError), Sampler(lambda numbers, step: None, 60):
        1 / 0  # noqa: B018  (the error is what is wanted)
    with pytest.raises(UsageError, match="more than 0"):
        Sampler(lambda numbers, step: None, float("nan"))


def smi(tmp_path, text: str, code: int = 0) -> str:
    """Return a stand-in for the driver's program."""
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        (
            "37, 1024\n0, 5",
            0,
            {"0_percent": 37.0, "0_memory_mb": 1073.741824, "1_percent": 0.0, "1_memory_mb": 5.24288},
        ),
        ("[N/A], 10", 0, {"0_memory_mb": 10.48576}),
        ("NVIDIA-SMI has failed because it couldn't communicate", 9, {}),
    ],
)
def test_gpus_are_read_where_a_driver_answers(text, code, found, tmp_path, monkeypatch):
    monkeypatch.setattr(readings.shutil, "which", lambda name: smi(tmp_path, text, code))
    read = {name: value for name, value in Readings().read().items() if "gpu" in name}
    assert read == pytest.approx({f"system.gpu_{name}": value for name, value in found.items()})
