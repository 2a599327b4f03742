"""What the machine is: a GPU is asked for without loading a library, and what cannot be said is unknown."""

import pytest

from pitwall.tracking.sections import environment
from pitwall.tracking.sections.environment import cpu_model, gpus
from pitwall.tracking.sections.nondeterminism import sources
from pitwall.tracking.sections.unknown import is_unknown


@pytest.fixture(autouse=True)
def _forget():
    gpus.cache_clear()
    yield
    gpus.cache_clear()


def _nvidia_smi(folder, monkeypatch, text):
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_no_gpu_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpus() == "none"


def test_gpus_are_named_with_their_driver(tmp_path, monkeypatch):
    _nvidia_smi(tmp_path, monkeypatch, 'echo "NVIDIA H200, 570.86.15"; echo "NVIDIA H200, 570.86.15"')
    assert gpus() == ["NVIDIA H200, 570.86.15"] * 2


def test_a_driver_that_fails_is_unknown(tmp_path, monkeypatch):
    _nvidia_smi(tmp_path, monkeypatch, "exit 9")
    assert is_unknown(gpus())


def test_the_processor_is_read_from_the_kernel_or_unknown(tmp_path, monkeypatch):
    info = tmp_path / "cpuinfo"
    info.write_text("processor : 0\nmodel name\t: Some CPU @ 3 GHz\nprocessor : 1\nmodel name\t: Some CPU @ 3 GHz\n")
    monkeypatch.setattr(environment, "CPU_INFO", info)
    assert cpu_model() == "Some CPU @ 3 GHz"
    monkeypatch.setattr(environment, "CPU_INFO", tmp_path / "none")
    monkeypatch.setattr(environment.platform, "processor", lambda: "")
    assert is_unknown(cpu_model())


def test_sources_of_non_determinism_follow_the_machine():
    quiet = {"blas": [{"num_threads": 1}], "cpu": "x", "gpu": "none"}
    fixed = {"python_hash_seed": "0", "torch": "not loaded"}
    few = sources(quiet, fixed)
    many = sources({"blas": [{"num_threads": 8}], "cpu": "x", "gpu": ["y"]}, {"python_hash_seed": "random", "torch": 7})
    assert len(few) == 3
    assert set(few) < set(many)
    assert [word for word in ("8 threads", "PYTHONHASHSEED", "PyTorch", "GPU") if word not in " ".join(many)] == []
