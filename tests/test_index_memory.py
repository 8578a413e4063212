"""What a process that indexes does about its memory."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import surroundings

ARENAS = """
import ctypes, sys, threading
from app.indexing.memory import prepare_memory

if sys.argv[2] == "prepared":
    prepare_memory()
held, ready, over = [], threading.Barrier(7), threading.Event()

def take():
    held.append(ctypes.CDLL(None).malloc(100))
    ready.wait()
    over.wait()

threads = [threading.Thread(target=take) for _ in range(6)]
for thread in threads:
    thread.start()
ready.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(file))
libc.fclose(ctypes.c_void_p(file))
over.set()
"""


# Others, as musl's, have one memory for all threads from the beginning: there is nothing to set.
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_arenas(tmp_path: Path) -> None:
    found = {}
    surrounding = {name: value for name, value in surroundings().items() if name != "MALLOC_ARENA_MAX"}
    for how in ("prepared", "plainly"):
        file = tmp_path / how
        command = [sys.executable, "-c", ARENAS, str(file), how]
        subprocess.run(command, check=True, env=surrounding, cwd=tmp_path, timeout=60)
        found[how] = file.read_text().count("<heap nr=")
    assert found["prepared"] <= 2 < found["plainly"]
