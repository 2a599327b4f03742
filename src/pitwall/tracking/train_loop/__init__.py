"""A training loop that is tracked as it should be: parameters first, numbers per epoch, the best epoch kept, a true end."""

from pitwall.tracking.train_loop.loop import TrainLoop

__all__ = ["TrainLoop"]
