"""Cells that try what strangers' cells try: each is refused by name, and nothing is left: no process, no file, no connection."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.adapters.processes.jail import outside
from pitwall.adapters.processes.jail.outside import jailed, why_not
from pitwall.adapters.processes.jail.settings import MEGABYTE, JailLimits
from pitwall.domain.processes.limits import JailRefused, ProcessLimits
from pitwall.workflows.importing.importing import import_notebook

pytestmark = pytest.mark.usefixtures("walls")

MARK = 201_326_597  # bytes of memory: by this number the processes of these tests are known
SMALL = ProcessLimits(memory_bytes=MARK, cpu_s=1, file_bytes=MEGABYTE, open_files=32)
LIMITS = JailLimits(SMALL, wall_s=60, folder_bytes=4 * MEGABYTE, folder_files=50, output_bytes=100_000)
SHORT = replace(LIMITS, wall_s=1.5)
BLIND = 'import sys\nsys._getframe(1).f_globals["FORBIDDEN"].clear()\n'  # takes away the names, so that only the walls are left
ATTACKS = {
    "names resolved": ("import socket\nsocket.getaddrinfo('example.com', 80)", "the network"),
    "names resolved, caught": (
        "try:\n    import socket\n    socket.socket()\nexcept BaseException: pass",
        "the network",
    ),
    "a socket, unseen": (BLIND + "import socket\nsocket.socket()", "asks the kernel"),
    "fork": ("import os\nos.fork()", "another process"),
    "fork bomb, unseen": (BLIND + "import os\nwhile True: os.fork()", "asks the kernel"),
    "a program": ("import subprocess\nsubprocess.run(['/bin/sh'])", "another process"),
    "a program, unseen": (BLIND + "import os\nos.execv('/bin/sh', ['sh'])", "asks the kernel"),
    "left in the background": (
        BLIND + "import os\nos.posix_spawn('/bin/sleep', ['sleep', '60'], {})",
        "asks the kernel",
    ),
    "a session of its own": ("import os\nos.setsid()", "asks the kernel"),
    "threads": (BLIND + "import threading\nthreading.Thread(target=print).start()", "asks the kernel"),
    "its parent killed": ("import os\nos.kill(os.getppid(), 9)", "a signal"),
    "its parent killed, unseen": (BLIND + "import os\nos.kill(os.getppid(), 9)", "asks the kernel"),
    "machine code": ("import ctypes\nctypes.CDLL(None).fork()", "machine code"),
    "memory": ("x = bytearray(10**10)", "more memory"),
    "memory, bit by bit": ("x = []\nwhile True: x.append(bytearray(10**7))", "more memory"),
    "a loop": ("while True: pass", "processor time"),
    "a sleep": ("import time\ntime.sleep(60)", "more than 1.5 s"),
    "a large file": ("f = open('a', 'wb')\nfor _ in range(10_000): f.write(bytes(10**6))", "File too large"),
    "a full folder": ("for n in range(100): open(f'{n}', 'wb').write(bytes(10**6))", "No space left"),
    "many files": ("for n in range(1000): open(f'{n}', 'w').close()", "No space left"),
    "written outside": ("import os\nos.mkdir('/somewhere')", "Read-only"),
    "written into the library": ("import json, os\nos.mkdir(os.path.dirname(json.__file__) + '/x')", "Read-only"),
    "a link out": ("import os\nos.symlink('/etc', 'etc')", "a link"),
    "a link out, unseen": (
        BLIND + "import os\nos.symlink('/etc/passwd', 'p')\nopen('p').read()",
        "outside of its own folder",
    ),
    "much output": ("while True: print('x' * 10_000)", "says more than"),
    "a crafted answer": (
        "import os\n[os.write(n, b'{}\\n') for n in range(3, 30) if os.path.exists('.')]",
        "Bad file|no cell tells",
    ),
    "gone before its end": ("import os\nos._exit(0)", "ended its process"),
    "secrets": ("import os\nraise SystemExit(sorted(os.environ))", r"SystemExit: \['HOME', 'TMPDIR'\]"),
    "the machine's processes": ("import os\nos.listdir('/proc')", "No such file"),
}


def notebook(source):
    return f'# %% tags=["pitwall:model"]\n{source}\norder = {{"question": "dnf"}}\n'.encode()


def ours():
    """Return the processes of jails with these limits, by the word that their command lines carry."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if str(MARK).encode() in said:
            found.append(folder.name)
    return found


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_refused_by_name_and_nothing_is_left(name):
    source, why = ATTACKS[name]
    found = import_notebook(notebook(source), SHORT if name == "a sleep" else LIMITS)
    assert found.order is None
    assert re.search(why, found.why), found.why
    assert ours() == []


def test_nothing_of_this_machine_can_be_seen_or_changed(tmp_path, monkeypatch):
    secret = tmp_path / "settings.local.yaml"
    secret.write_text("token: 4711")
    monkeypatch.setenv("PITWALL_TOKEN", "4711")
    places = [
        secret,
        tmp_path,
        Path.home() / ".ssh",
        Path("/etc/passwd"),
        Path("/bin/sh"),
        Path(outside.__file__),
        Path("/tmp"),
    ]
    look = f"import os\nseen = [p for p in {[str(each) for each in places]!r} if os.path.exists(p)]\nprint(seen, os.listdir('.'), '4711' in str(os.environ))"
    assert import_notebook(notebook(look), LIMITS).printed == "[] [] False\n"
    opened = import_notebook(notebook(f"open({str(secret)!r})"), LIMITS)
    assert "settings.local.yaml, which is outside of its own folder" in opened.why
    assert sorted(tmp_path.iterdir()) == [secret]


def test_a_socket_that_listens_here_hears_nothing():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        for blind in ("", BLIND):
            source = f"{blind}import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)"
            assert import_notebook(notebook(source), LIMITS).order is None
        with pytest.raises(TimeoutError):
            server.accept()


def test_where_the_kernel_refuses_nothing_is_run_and_it_is_said(monkeypatch):
    monkeypatch.setattr(outside, "NAMESPACES", ("--mount", "--pid", "--fork", "--setgroups", "neither"))
    with pytest.raises(JailRefused, match="nothing was run"):
        jailed("pitwall.adapters.processes.jail.nothing", b"", LIMITS)
    why_not.cache_clear()
    assert "builds no walls" in why_not()
    monkeypatch.undo()
    why_not.cache_clear()
    assert why_not() == ""
    monkeypatch.setattr(outside.shutil, "which", lambda _: None)
    with pytest.raises(JailRefused, match="unshare"):
        jailed("pitwall.adapters.processes.jail.nothing", b"", LIMITS)


def test_whoever_started_it_may_be_killed_and_it_ends(tmp_path):
    program = (
        "from pitwall.workflows.importing.importing import import_notebook\n"
        "from tests_limits import LIMITS\n"
        "import_notebook(b'# %% tags=[\"pitwall:model\"]\\nwhile True: pass', LIMITS)\n"
    )
    (tmp_path / "tests_limits.py").write_text(
        "from pitwall.adapters.processes.jail.settings import JailLimits\n"
        "from pitwall.domain.processes.limits import ProcessLimits\n"
        f"LIMITS = JailLimits(ProcessLimits({MARK}, 60), wall_s=60)\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    process = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": path})
    try:
        while not ours():
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    for _ in range(200):
        if not ours():
            break
        time.sleep(0.05)
    assert ours() == []
