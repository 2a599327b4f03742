"""What a run uses while it runs: memory and processor of the process, and the GPU where there is one, every few seconds."""

from pitwall.tracking.sampling.sampler import Sampler

__all__ = ["Sampler"]
