"""What a jailed program may not ask the kernel for: it is ended for the asking. Its rights go first, for good.

The list holds what the walls make harmless anyway; it is the second wall, and gives a program that tries a name.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

CALLS = {  # name: (x86_64, aarch64); -1 where there is no such call
    "clone": (56, 220),
    "fork": (57, -1),
    "vfork": (58, -1),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "memfd_create": (319, 279),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "inotify_init1": (294, 26),
    "mknodat": (259, 33),
    "mknod": (133, -1),
}
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # place in CALLS, name of the machine for the kernel
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, MACHINE_AT = 0, 4
ALLOW, KILL = 0x7FFF0000, 0x80000000
OTHER_TABLE = 0x40000000  # calls of x86_64 by their other numbers
NO_NEW_RIGHTS, SET_FILTER, DROP, DUMPABLE, FILTER = 38, 22, 24, 4, 2
CAP_VERSION, RIGHTS = 0x20080522, 64
_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def known() -> bool:
    """Whether we know the calls of this kind of machine."""
    return platform.machine() in MACHINES


def give_up_rights() -> None:
    """Let go of all rights in these namespaces, and refuse to be looked at by others.

    Raises:
        OSError: the kernel did not take them.
    """
    for each in range(RIGHTS):
        if _libc.prctl(DROP, each, 0, 0, 0) != 0:
            break  # beyond the last one that this kernel knows
    header, none = struct.pack("<Ii", CAP_VERSION, 0), bytes(24)
    _done(_libc.capset(header, none))
    _done(_libc.prctl(DUMPABLE, 0, 0, 0, 0))
    _done(_libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0))


def forbid() -> None:
    """Have the kernel end this process for any call of `CALLS`.

    Raises:
        OSError: the kernel knows no filters.
    """
    steps = b"".join(_steps())
    held = ctypes.create_string_buffer(steps, len(steps))
    program = _Program(len(steps) // 8, ctypes.cast(held, ctypes.c_void_p))
    _done(_libc.prctl(SET_FILTER, FILTER, ctypes.byref(program), 0, 0))


def _steps() -> list[bytes]:
    """Return the filter: another machine's calls and the forbidden ones end the process, all others are let through."""
    place, machine = MACHINES[platform.machine()]
    numbers = [each[place] for each in CALLS.values() if each[place] >= 0]
    rest = len(numbers) + 1  # from the first of the numbers to KILL
    return [
        _step(LOAD, MACHINE_AT),
        _step(EQUAL, machine, no=rest + 2),
        _step(LOAD, NUMBER_AT),
        _step(AT_LEAST, OTHER_TABLE, yes=rest),
        *(_step(EQUAL, number, yes=rest - 1 - at) for at, number in enumerate(numbers)),
        _step(RETURN, ALLOW),
        _step(RETURN, KILL),
    ]


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", code, yes, no, value)


def _done(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
