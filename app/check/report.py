"""What a check found: a struct that is also the JSON of `koiwai check --json`."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct, field

from app.version import VERSION

Level = Literal["ok", "note", "warning", "fault"]

LEVELS: Final[tuple[Level, ...]] = ("fault", "warning", "note", "ok")
"""Worst first."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at. docs/check.md explains every code."""

    code: str
    level: Level
    """ok; note: good to know; warning: readers get less than they could; fault: Koiwai cannot serve this."""
    text: str
    """Sentences for the operator. They name no board, so that equal findings of several boards are equal."""
    board: str | None = None


class DatabaseReport(Struct, frozen=True, kw_only=True):
    """The server that answered. What cannot be told is None."""

    kind: Literal["mysql", "postgresql", "sqlite"]
    where: str
    """Host and port, or file; and the name of the database."""
    product: str | None = None
    version: str | None = None
    tls: str | None = None
    """The version of TLS in use, "" for none."""
    pooler: bool | None = None
    may_write: bool | None = None
    max_connections: int | None = None
    connections_in_use: int | None = None
    connections_wanted: int | None = None
    """The most that all workers together would open."""


Counting = Literal["with_op", "without_op", "every_reply", "mixed"]


class Conventions(Struct, kw_only=True):
    """How the writers of a board stored things. None: nothing looked at tells."""

    clock: Literal["new_york", "utc"] | None = None
    """What stored times are; before `clock_switch_num` where that is set."""
    clock_switch_num: int | None = None
    """The post number from which on the other clock holds."""
    clock_source: Literal["settings", "file names", "assumed"] | None = None
    nreplies: Counting | None = None
    """Whether the counter counts the opening post; mixed: it follows no rule."""
    nimages: Counting | None = None
    media: Literal["shared", "own"] | None = None
    """shared: posts with the same picture share a file, named in `_images`; own: each post names its own."""
    layout: Literal["asagi", "sutra"] | None = None
    """How the files looked for lie on the disk."""
    comments: Literal["bbcode", "html"] | None = None
    file_names: Literal["escaped", "plain"] | None = None
    """Whether `media_filename` holds `&amp;` for `&`."""


class BoardReport(Struct, kw_only=True):
    name: str
    listed: bool
    """Whether boards.toml has it; also true where there is no boards.toml and all boards are served."""
    posts: int | None = None
    """About how many rows."""
    newest_num: int | None = None
    conventions: Conventions = field(default_factory=Conventions)


class Report(Struct, kw_only=True):
    version: str = VERSION
    sources: dict[str, str] = {}
    """Of each key that is set, such as db.mysql.host: the file or variable that it was read from."""
    boards_file: str | None = None
    """The file that lists the boards; None where all boards of the database are served."""
    database: DatabaseReport | None = None
    """None where no server answered."""
    boards: list[BoardReport] = []
    findings: list[Finding] = []

    @property
    def faulty(self) -> bool:
        return any(finding.level == "fault" for finding in self.findings)

    def count(self, level: Level) -> int:
        return sum(finding.level == level for finding in self.findings)


class Notes:
    """Takes findings down, for one board or for none."""

    def __init__(self, findings: list[Finding], board: str | None = None) -> None:
        self._findings = findings
        self._board = board

    def about(self, board: str) -> Notes:
        return Notes(self._findings, board)

    def add(self, level: Level, code: str, text: str) -> None:
        finding = Finding(code=code, level=level, text=text, board=self._board)
        if finding not in self._findings:
            self._findings.append(finding)

    def ok(self, code: str, text: str) -> None:
        self.add("ok", code, text)

    def note(self, code: str, text: str) -> None:
        self.add("note", code, text)

    def warning(self, code: str, text: str) -> None:
        self.add("warning", code, text)

    def fault(self, code: str, text: str) -> None:
        self.add("fault", code, text)
