"""The walls: a root in memory with Python's standard library, read only, and an empty folder; nothing else of this machine is there.

Called by the first process of new namespaces (user, mount, pid, network), which owns them. Standard library only: it runs without packages.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sysconfig
from pathlib import Path

from pitwall.adapters.processes.jail.settings import JailLimits

HOME = "/home"
PLACE = "/proc"  # there on every machine, never above what is shown inside, and covered by the new root
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS, AGAIN, BIND = 1, 2, 4, 8, 32, 4096
DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
KEPT = (os.ST_NOEXEC, os.ST_NOATIME, os.ST_NODIRATIME, os.ST_RELATIME)
AS_MOUNTED = {os.ST_NOEXEC: 8, os.ST_NOATIME: 1024, os.ST_NODIRATIME: 2048, os.ST_RELATIME: 1 << 21}
_libc = ctypes.CDLL(None, use_errno=True)


def enclose(limits: JailLimits) -> None:
    """Leave the file system of this machine for one of our own, and stand in its empty folder.

    Raises:
        OSError: the kernel does not let us.
    """
    shown = sysconfig.get_path("stdlib")
    inside = f"{PLACE}{shown}"
    _mount("none", PLACE, "tmpfs", NO_SUID | NO_DEVICES, "size=64k,mode=755")
    Path(inside).mkdir(parents=True)
    Path(f"{PLACE}{HOME}").mkdir(exist_ok=True)
    _mount(shown, inside, "", BIND)
    _mount("none", inside, "", AGAIN | BIND | READ_ONLY | NO_SUID | NO_DEVICES | _kept(inside))
    if Path(packages := f"{inside}/site-packages").is_dir():  # packages are no part of the library
        _mount("none", packages, "tmpfs", READ_ONLY | NO_SUID | NO_DEVICES, "size=4k")
    size = f"size={limits.folder_bytes},nr_inodes={limits.folder_files},mode=700"
    _mount("none", f"{PLACE}{HOME}", "tmpfs", NO_SUID | NO_DEVICES | NO_PROGRAMS, size)
    os.chdir(PLACE)
    _done(_libc.syscall(PIVOT_ROOT[platform.machine()], b".", b"."), "pivot_root")
    _done(_libc.umount2(b".", DETACH), "umount")
    _mount("none", "/", "", AGAIN | BIND | READ_ONLY | NO_SUID | NO_DEVICES)
    os.chdir(HOME)


def _kept(path: str) -> int:
    """Return what the machine has mounted this place with: an unprivileged user may add to that and take nothing away."""
    flags = os.statvfs(path).f_flag
    return sum(AS_MOUNTED[each] for each in KEPT if flags & each)


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    words = (source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), data.encode() or None)
    _done(_libc.mount(*words), f"mount {target}")


def _done(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
