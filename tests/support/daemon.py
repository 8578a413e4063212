"""One server process for tests: started, watched until it answers, stopped, and never left behind."""

import contextlib
import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# A unix socket's path is limited to 107 bytes on Linux (103 elsewhere), and servers add file names to ours.
LONGEST_FOLDER = 70
START_SECONDS = 60.0
STOP_SECONDS = 30.0

# A shell that reads process ids from a pipe. When the pipe closes, because the tests are over or because they
# were killed, it ends the process named last and removes the folder.
GUARD = """
pid=0
while read -r line; do pid=$line; done
if [ "$pid" != 0 ]; then
    kill -s "$1" "$pid"
    tries=100
    while kill -0 "$pid" && [ "$tries" -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
    kill -s KILL "$pid"
fi
rm -rf -- "$2"
"""


class MissingServer(Exception):
    """A server's programs are not installed; the sentence says what to install."""


class ServerFailed(Exception):
    """A server did not start or stop; the sentence holds the end of its log."""


def make_folder(prefix: str, inside: Path | None, account: str | None) -> Path:
    """Make an empty folder with a short path, owned by ``account`` (None: by us); the account may enter it.

    ``inside`` must be open to every user; it is the machine's folder for temporary files by default.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=inside))
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        folder.rmdir()
        raise ServerFailed(f"{folder}: the path is too long for unix sockets (limit: {LONGEST_FOLDER} bytes).")
    if account is not None:
        shutil.chown(folder, account)
    return folder


def write_file(file: Path, text: str, account: str | None) -> Path:
    """Write a file that only ``account`` (None: we) may read."""
    file.touch(0o600)
    file.write_text(text, "utf-8")
    if account is not None:
        shutil.chown(file, account)
    return file


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on, below the range from which systems take ports for outgoing
    connections: it is still free when a stopped server comes back."""
    while True:
        port = 20000 + secrets.randbelow(12000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def find_program(name: str, advice: str) -> Path:
    """The program on PATH, or where Debian keeps it away from PATH (the newest PostgreSQL first).

    With TEST_WITHOUT_SERVERS set every program is missing: such a run is quick, and its summary says what it left out.
    """
    if os.environ.get("TEST_WITHOUT_SERVERS"):
        raise MissingServer("TEST_WITHOUT_SERVERS is set")
    versions = sorted(
        Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    places = [os.environ.get("PATH", os.defpath), *map(str, versions), "/usr/sbin", "/usr/local/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise MissingServer(f"{advice}.")
    return Path(found)


def account_of(*names: str) -> str | None:
    """The first existing account of ``names`` to run a server as when we are root (servers refuse root)."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in names if name in known)


def run_as(account: str | None, command: Sequence[str | Path], folder: Path) -> None:
    """Run ``command`` to its end as ``account``; raises ServerFailed with its output when it fails."""
    result = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **_identity(account),
    )
    if result.returncode != 0:
        raise ServerFailed(f"{Path(command[0]).name} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")


@dataclass
class Daemon:
    """A server process with its folder. ``close`` is the end of both.

    ``probe`` connects to the server and raises one of ``not_yet`` while that is impossible.
    """

    command: Sequence[str | Path]
    folder: Path
    account: str | None
    stop_signal: signal.Signals
    probe: Callable[[], None]
    not_yet: tuple[type[Exception], ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _guard: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """The end of everything the process wrote, over all its starts."""
        file = self.folder / "log"
        return file.read_text("utf-8", errors="replace")[-4000:] if file.exists() else ""

    def first_start(self, install: Sequence[str | Path] | None) -> None:
        """Run ``install``, which makes the data, then start; leaves nothing behind when either fails."""
        try:
            if install is not None:
                run_as(self.account, install, self.folder)
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Start the process and return once it answers; does nothing when it runs."""
        if self.running:
            return
        if self._guard is None:
            # In a session of its own, so that Ctrl-C ends the tests but not their clean-up.
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "guard", self.stop_signal.name.removeprefix("SIG"), self.folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_identity(self.account),
            )
        self._tell_guard(self._process.pid)
        self._wait_until_it_answers(self._process)

    def stop(self) -> None:
        """End the process the clean way and keep its data; does nothing when it does not run."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(self.stop_signal)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise ServerFailed(f"{self._name} did not stop in {STOP_SECONDS} s:\n{self.log}") from None
        self._forget_process()

    def kill(self) -> None:
        """End the process as a power cut would (SIGKILL, with its children) and keep its data."""
        process = self._process
        if process is None:
            return
        # Children go too: PostgreSQL refuses to start again while one of the old ones is still there.
        children = _children(process.pid)
        process.kill()
        process.wait()
        for pid in children:
            _kill_other(pid)
        self._forget_process()

    def close(self) -> None:
        """Stop the process and remove its folder; may be called twice."""
        try:
            self.stop()
        finally:
            if self._guard is not None:
                self._guard.communicate()
                self._guard = None
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _name(self) -> str:
        return Path(self.command[0]).name

    def _tell_guard(self, pid: int) -> None:
        assert self._guard is not None and self._guard.stdin is not None
        self._guard.stdin.write(b"%d\n" % pid)
        self._guard.stdin.flush()

    def _forget_process(self) -> None:
        self._process = None
        # The number may soon belong to somebody else's process.
        self._tell_guard(0)

    def wait_until(self, check: Callable[[], bool]) -> None:
        """Wait for what the running process does by itself."""
        deadline = time.monotonic() + START_SECONDS
        while not check():
            if not self.running or time.monotonic() > deadline:
                raise ServerFailed(f"{self._name} did not do what was waited for:\n{self.log}")
            time.sleep(0.02)

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.probe()
            except self.not_yet as error:
                problem = error
            else:
                return
            if process.poll() is not None:
                self._forget_process()
                raise ServerFailed(f"{self._name} ended with status {process.returncode}:\n{self.log}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"{self._name} did not answer in {START_SECONDS} s ({problem}):\n{self.log}")
            time.sleep(0.05)


def _identity(account: str | None) -> dict[str, Any]:
    """Arguments of subprocess for running as ``account``, without the groups of root."""
    return {} if account is None else {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}


def _kill_other(pid: int) -> None:
    """Kill a process that is no child of ours and wait for its end; one that has ended is no error."""
    with contextlib.suppress(ProcessLookupError):
        end = os.pidfd_open(pid)
        try:
            os.kill(pid, signal.SIGKILL)
            select.select([end], [], [], STOP_SECONDS)
        finally:
            os.close(end)


def _children(parent: int) -> list[int]:
    """Process ids of the children of ``parent``; empty where there is no /proc."""
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # The name in the second field may hold spaces and parentheses: state and parent follow the last ")".
        with contextlib.suppress(OSError):
            if int(stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()[1]) == parent:
                children.append(int(stat.parent.name))
    return children
