"""Log lines: one for each record, whatever stands in it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.settings import LogSettings
from app.telemetry import REQUEST_ID, escaped, set_up_logging

Said = Callable[[], str]
log = logging.getLogger("koiwai.test")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Iterator[Said]:
    """What was written to standard error since the last call. The loggers are as before afterwards."""
    loggers = [logging.getLogger(name) for name in ("koiwai", "library")]
    before = [(logger, logger.handlers[:], logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers.clear()
    yield lambda: capsys.readouterr().err
    for logger, handlers, level in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)


def text(level: Any = "info") -> None:
    set_up_logging(LogSettings(format="text", level=level))


def as_json(level: Any = "info") -> None:
    set_up_logging(LogSettings(format="json", level=level))


def after_time(line: str) -> str:
    time, _, rest = line.partition(" ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)
    return rest


def test_text_is_time_level_logger_message_and_values(said: Said) -> None:
    text()
    log.warning("slow statement", extra={"facts": {"seconds": 1.5, "sql": 'SELECT "a" = ?', "rows": 0, "ok": True}})
    line = said()
    assert after_time(line) == (
        'WARNING koiwai.test slow statement seconds=1.5 sql="SELECT \\"a\\" = ?" rows=0 ok=true\n'
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "plain"),
        ("λ/é", "λ/é"),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ("it's", '"it\'s"'),
        ("back\\slash", '"back\\\\slash"'),
        ("", '""'),
        (None, "null"),
        (0.25, "0.25"),
        ("a\nb", '"a\\nb"'),
        ("\x1b[31m\x00\x7f", '"\\x1b[31m\\x00\\x7f"'),
        ("\u2028\u202e\x85", '"\\u2028\\u202e\\x85"'),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_values_are_quoted_and_escaped_when_needed(said: Said, value: Any, shown: str) -> None:
    text()
    log.info("m", extra={"facts": {"key": value}})
    assert after_time(said()) == f"INFO koiwai.test m key={shown}\n"


def test_json_is_an_object(said: Said) -> None:
    as_json()
    log.error("slow %s", "statement", extra={"facts": {"seconds": 1.5, "n": 7, "none": None, "level": "forged"}})
    (line,) = said().splitlines()
    found = json.loads(line)
    assert abs(datetime.fromisoformat(found.pop("time").replace("Z", "+00:00")).timestamp() - log_time()) < 60
    assert found == {
        "level": "error",
        "logger": "koiwai.test",
        "message": "slow statement",
        "seconds": 1.5,
        "n": 7,
        "none": None,
    }


def log_time() -> float:
    return logging.makeLogRecord({}).created


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(alphabet=st.characters(codec=None)), st.sampled_from(["text", "json"]))
@example("half of a \ud83d", "text")
def test_no_text_of_a_visitor_makes_a_second_line(said: Said, hostile: str, form: Any) -> None:
    set_up_logging(LogSettings(format=form))
    log.info("asked: %s", hostile, extra={"facts": {"path": hostile}})
    line = said()
    assert line.endswith("\n") and len(line.splitlines()) == 1
    assert line[:-1].isprintable() or form == "json"
    if form == "json":
        assert all(character >= " " for character in line[:-1])
        assert json.loads(line)["message"].startswith("asked: ")


def test_json_escapes_what_terminals_heed(said: Said) -> None:
    hostile = "\x1b\x7f\x85\x9b\u200e\u200f\u2028\u2029\u202e\u2066\u2069 \u03bb"
    as_json()
    log.info("m", extra={"facts": {"path": hostile}})
    line = said()
    assert json.loads(line)["path"] == hostile
    assert line[:-1].isprintable() and "\\u007f\\u0085" in line and "\u03bb" in line


def test_a_traceback_is_indented_in_text(said: Said) -> None:
    text()
    try:
        raise ValueError("first\n2026-01-01T00:00:00.000Z INFO koiwai forged\x1b[0m")
    except ValueError:
        log.exception("failed")
    first, *others = said().splitlines()
    assert first.endswith("ERROR koiwai.test failed")
    assert others[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") for line in others)
    assert others[-1] == "    2026-01-01T00:00:00.000Z INFO koiwai forged\\x1b[0m"


def test_a_traceback_is_one_member_in_json(said: Said) -> None:
    as_json()
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        log.exception("failed")
    (line,) = said().splitlines()
    assert json.loads(line)["exception"].endswith("ValueError: first\nsecond")


def test_records_carry_the_request_they_belong_to(said: Said) -> None:
    token = REQUEST_ID.set("abc")
    try:
        text()
        log.info("m")
        assert said().endswith("INFO koiwai.test m request=abc\n")
        as_json()
        log.info("m", extra={"facts": {"request": "forged"}})
        assert json.loads(said())["request"] == "abc"
    finally:
        REQUEST_ID.reset(token)
    log.info("m")
    assert "request" not in json.loads(said())


def test_the_level_holds_for_all_our_loggers(said: Said) -> None:
    for level, heard in (("debug", 4), ("info", 3), ("warning", 2), ("error", 1)):
        text(level)
        for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            log.log(number, "m")
        assert len(said().splitlines()) == heard


def test_libraries_speak_with_our_voice_about_warnings(said: Said) -> None:
    set_up_logging(LogSettings(level="debug"), "library")
    library = logging.getLogger("library")
    library.info("chatter")
    library.warning("matters")
    assert after_time(said()) == "WARNING library matters\n"


def test_a_program_around_us_keeps_its_own_handlers(said: Said) -> None:
    own = logging.NullHandler()
    logging.getLogger("koiwai").addHandler(own)
    text()
    assert logging.getLogger("koiwai").handlers == [own]


def test_escaped_leaves_readable_text_alone() -> None:
    assert escaped("a λ = 'b' \\") == "a λ = 'b' \\"
