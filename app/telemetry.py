"""Logging: one handler for everything Koiwai says, on standard error, one line per record.

A record may carry values beside its message: `log.info("answered", extra={"facts": {"status": 200}})`. In text they
follow the message as key=value, in JSON they are members of the object. What a visitor sent may stand in messages
and values: nothing of it can end a line, start another, or steer a terminal.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final

import msgspec

from app.settings import LogSettings

REQUEST_ID: ContextVar[str] = ContextVar("koiwai_request_id", default="")
"""The id of the request that is being answered; "" outside of requests. All records made meanwhile carry it."""

_ENCODE: Final = msgspec.json.Encoder(enc_hook=str).encode
_INVISIBLE: Final = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_WORD: Final = re.compile(r"""[^=\\"' ]+""")  # other values are quoted


def set_up_logging(settings: LogSettings, *others: str) -> None:
    """Makes the loggers named koiwai and koiwai.* speak, as the settings say.

    Does nothing when the embedding program has given them handlers of its own. `others` are loggers of libraries
    that shall speak with our voice too, about warnings and worse.
    """
    handler = _Handler()
    handler.setFormatter(_JsonLines() if settings.format == "json" else _TextLines())
    level = logging.getLevelName(settings.level.upper())
    for name in ("koiwai", *others):
        logger = logging.getLogger(name)
        if all(isinstance(present, _Handler) for present in logger.handlers):
            logger.handlers[:] = [handler]
            logger.setLevel(level if name == "koiwai" else max(level, logging.WARNING))


def escaped(text: str) -> str:
    """`text` with everything that is no visible character or space written as an escape."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]  # no argument can stand there on Python 3.10
    """Writes to whatever standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class _Lines(logging.Formatter):
    def facts(self, record: logging.LogRecord) -> dict[str, Any]:
        """The values of a record, the id of its request among them."""
        facts: dict[str, Any] = getattr(record, "facts", {})
        request_id = REQUEST_ID.get()
        return {**facts, "request": request_id} if request_id else facts

    def moment(self, record: logging.LogRecord) -> str:
        """In UTC, whatever the machine's clock shows."""
        return f"{_second(int(record.created))}.{int(record.msecs):03d}Z"

    def trace(self, record: logging.LogRecord) -> str:
        """The traceback, and the stack where one was asked for; "" without either."""
        parts = [self.formatException(record.exc_info)] if record.exc_info and record.exc_info[0] else []
        if record.stack_info:
            parts.append(record.stack_info)
        return "\n".join(parts)


class _TextLines(_Lines):
    """`time LEVEL logger message key=value ...`; a traceback follows in lines that start with blanks."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.moment(record)} {record.levelname} {record.name} {escaped(record.getMessage())}"
        for key, value in self.facts(record).items():
            line += f" {key}={value if type(value) is int else _value(value)}"
        if trace := self.trace(record):
            line += "".join(f"\n    {escaped(part)}" for part in trace.splitlines())
        return line


class _JsonLines(_Lines):
    """One object a line: time, level, logger, message, the values, and exception, which holds the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        known = {
            "time": self.moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said = known | self.facts(record) | known  # a value never takes the place of these
        if trace := self.trace(record):
            said["exception"] = trace
        try:
            text = _ENCODE(said).decode()
        except UnicodeEncodeError:  # half a character, out of a file name or an address
            text = _ENCODE({key: _whole(value) for key, value in said.items()}).decode()
        # Characters that JSON lets stand, but that terminals and some readers of lines heed.
        return text if text.isprintable() else _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _whole(value: Any) -> Any:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


@lru_cache(1)
def _second(moment: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))


def _value(value: Any) -> str:
    """A value as it stands behind `key=`: in double quotes unless it is one plain word."""
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if _WORD.fullmatch(text) and text.isprintable():
        return text
    return '"' + escaped(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'
