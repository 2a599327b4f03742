"""The manifest's section on the environment: Python, installed packages against the lock, the machine, threads, BLAS, GPU.

Nothing here names the machine or its user. Versions are read once in a process; the GPU is asked for without loading a
library that would take seconds.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from pitwall.domain.refs import file_md5
from pitwall.tracking.sections.unknown import unknown

LOCK = "requirements.lock"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
CPU_INFO = Path("/proc/cpuinfo")
ASK_GPU = ("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")
ABSENT = "absent"


def environment(root: Path) -> dict[str, Any]:
    """Return the section for a project root."""
    import psutil

    lock = root / LOCK
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    pinned = dict(PINNED.findall(text))
    versions = {name: _version(name) for name in sorted(pinned)}
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "lock": file_md5(lock) if lock.is_file() else unknown(f"there is no {LOCK}"),
        "versions": versions or unknown(f"there is no {LOCK}"),
        "off_lock": {name: f"installed {versions[name]}, lock {pinned[name]}" for name in _off(versions, pinned)},
        "platform": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cpu": cpu_model(),
        "cores_physical": psutil.cpu_count(logical=False),
        "cores_logical": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "threads": {name: os.environ.get(name) for name in THREADS},
        "blas": blas(),
        "gpu": gpus(),
    }


def installed_file(section: dict[str, Any]) -> bytes:
    """Return the installed versions in the form of `pip freeze`; locked packages that this platform lacks are left out."""
    versions = section["versions"] if isinstance(section["versions"], dict) else {}
    return "".join(f"{name}=={version}\n" for name, version in versions.items() if version != ABSENT).encode()


def cpu_model() -> str:
    """Return the model of the processor."""
    text = CPU_INFO.read_text(encoding="utf-8", errors="replace") if CPU_INFO.is_file() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or unknown("the system does not tell")


def blas() -> list[dict[str, Any]]:
    """Return NumPy's and SciPy's libraries of linear algebra, with their versions, threads and chosen kernels."""
    import numpy as np  # noqa: F401  (loaded, so that the answer does not depend on what was used before)
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    names = ("internal_api", "version", "num_threads", "architecture")
    found = [{name: each.get(name) for name in names} for each in threadpool_info() if each["user_api"] == "blas"]
    return sorted(found, key=lambda each: [str(value) for value in each.values()])


@cache
def gpus() -> str | list[str]:
    """Return names and drivers of the GPUs, or "none"; the CUDA that a package was built for is in its version."""
    if shutil.which(ASK_GPU[0]) is None:
        return "none"
    try:
        said = subprocess.run(ASK_GPU, capture_output=True, text=True, check=True, timeout=10).stdout
    except (subprocess.SubprocessError, OSError) as error:
        return unknown(f"nvidia-smi failed: {type(error).__name__}")
    return [line.strip() for line in said.splitlines() if line.strip()] or "none"


@cache
def _version(package: str) -> str:
    try:
        return installed(package)
    except PackageNotFoundError:
        return ABSENT


def _off(versions: dict[str, str], pinned: dict[str, str]) -> list[str]:
    """Return the packages that are not as locked; a build suffix such as +cpu is the same version."""
    return [name for name in versions if versions[name].split("+")[0] != pinned[name].split("+")[0]]
