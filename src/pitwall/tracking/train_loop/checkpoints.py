"""Write a checkpoint as a file, and see that it is no pickle: whoever loads one runs what is in it."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Callable
from pathlib import Path

from pitwall.domain.errors import TrackingError

Checkpoint = bytes | Callable[[Path], object]
MOST = 6  # protocols of pickle


def write_checkpoint(checkpoint: Checkpoint, path: Path) -> Path:
    """Write a checkpoint and return its file.

    Args:
        checkpoint: its bytes, or what writes them to a path.
        path: of the file; one of `numpy.savez` may get its own ending.

    Raises:
        TrackingError: nothing was written, or a pickle was (`torch.save` writes one).
    """
    if isinstance(checkpoint, bytes | bytearray):
        path.write_bytes(checkpoint)
    else:
        checkpoint(path)
    written = [path] if path.is_file() else sorted(path.parent.glob(f"{path.name}.*"))
    if not written:
        raise TrackingError(f"the checkpoint's function wrote no file {path.name}; it is given the path to write to.")
    if is_pickle(written[0]):
        raise TrackingError(
            f"the checkpoint {written[0].name} is a pickle, which runs code when it is loaded (torch.save writes one too). Write the "
            "numbers: numpy.savez of the state dict, the library's own file, or `pitwall.tracking.save_model`."
        )
    return written[0]


def is_pickle(path: Path) -> bool:
    """Return whether a file is a pickle, or an archive of one as PyTorch writes it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".pkl") for name in archive.namelist())
    with path.open("rb") as file:
        start = file.read(2)
        if len(start) < 2 or start[0] != 0x80 or start[1] >= MOST:
            return False
        file.seek(0)
        try:
            return any(code.name == "STOP" for code, _, _ in pickletools.genops(file))
        except ValueError:  # it only begins like one
            return False
