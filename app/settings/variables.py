"""Settings in variables: those of the process, and those of the file `.env` beside config.toml."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dotenv.parser import parse_stream

from app.errors import SettingsError
from app.settings.keys import Key, config_keys, config_sections, variable_of
from app.settings.layers import Collector, Layer, Origin
from app.settings.url import expand
from app.settings.values import closest, meant, quoted

ENVIRONMENT = "environment"
DOTENV = ".env"
CONFIG, BOARDS, URL = "KOIWAI_CONFIG", "KOIWAI_BOARDS", "DATABASE_URL"

_FILE = "_FILE"


def read_dotenv(path: Path) -> dict[str, str] | None:
    """The variables of a `.env` that are ours, or None if there is no such file. `$` has no meaning in it.

    Raises SettingsError if it cannot be read. No line of it is ever repeated in a message.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        raise SettingsError(f"{path.name}: is not UTF-8 text") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    values: dict[str, str] = {}
    problems = []
    for binding in parse_stream(io.StringIO(text)):
        lines_before = binding.original.string[: -len(binding.original.string.lstrip()) or None].count("\n")
        line = binding.original.line + lines_before
        if binding.error:
            problems.append(f"{path.name}: line {line} is not of the form NAME=value (quotes within quotes?)")
        elif binding.key is not None and _is_ours(binding.key):
            if binding.value is None:
                problems.append(f"{path.name}: {quoted(binding.key)} has no value (line {line})")
            elif binding.key in values:
                problems.append(f"{path.name}: {binding.key} is set twice (line {line})")
            else:
                values[binding.key] = binding.value
    if problems:
        raise SettingsError(*problems)
    return values


def read_variables(environ: Mapping[str, str], source: str, into: Collector) -> Layer:
    """Puts what variables set into the collector's layer, `DATABASE_URL` on top.

    `source` is ENVIRONMENT or DOTENV. Returns what holds only where no source says anything else.
    """
    before = f"{source}: "
    values: dict[str, tuple[str, str]] = {}  # upper case -> name as it is spelled, value
    for name, value in environ.items():
        if not _is_ours(name):
            continue
        if name.upper() in values:
            into.problems.append(f"{before}{values[name.upper()][0]} and {name} are the same variable")
        values[name.upper()] = (name, value)
    urls: list[tuple[str, str]] = []  # label for complaints, text
    for upper, (name, value) in values.items():
        if upper in {CONFIG, BOARDS}:
            if source == DOTENV:
                into.problems.append(f"{before}{name} names a settings file; it can only be set in the environment")
            continue
        key = config_keys_by_variable().get(upper.removesuffix(_FILE) if _names_a_file(upper) else upper)
        if _names_a_file(upper):
            plain = values.get(upper.removesuffix(_FILE), ("", ""))
            if value and plain[0] and (plain[1] or plain[0] != URL):
                into.problems.append(f"{before}{plain[0]} and {name} are both set")
                continue
            text = _text_of_file(name, value, before, into) if value else None
            if text is None:
                continue
            value = text
        if upper.removesuffix(_FILE) == URL:
            urls.append((name if source == ENVIRONMENT else f"{before}{name}", value))
        elif key is None:
            into.problems.append(f"{before}{_unknown(name, upper)}")
        elif key.place == ("db", "url"):
            urls.insert(0, (f"{before}{name}", value))
        else:
            into.put(key, value, Origin(f"{before}{name}", before, name), is_text=True)
    declared = into.layer.get(("db", "db_type"))
    implied: Layer = {}
    for label, text in urls:
        if text:
            implied |= expand(text, label, into, declared)
    return implied


def _is_ours(name: str) -> bool:
    return name.startswith("KOIWAI_") or name in {URL, URL + _FILE}


@cache
def config_keys_by_variable() -> Mapping[str, Key]:
    return {key.variable: key for key in config_keys().values()}


def _names_a_file(upper: str) -> bool:
    """Whether a variable names the file of a secret."""
    key = config_keys_by_variable().get(upper.removesuffix(_FILE))
    return upper == URL + _FILE or (upper.endswith(_FILE) and key is not None and key.secret)


def _text_of_file(name: str, value: str, before: str, into: Collector) -> str | None:
    """The text of a secret's file without its final line end; None after a complaint."""
    if "://" in value:
        into.problems.append(f"{before}{name} must name a file, not hold the secret itself")
        return None
    path = into.base / value
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        into.problems.append(f"{before}{name}: {path} is not UTF-8 text")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        into.problems.append(f"{before}{name}: {path} cannot be read: {reason}")
    else:
        return re.sub(r"\r?\n\Z", "", text)
    return None


def _unknown(name: str, upper: str) -> str:
    """What is said of a variable that sets nothing."""
    for place, section in config_sections().items():
        for option, reason in section.refused_options.items():
            if upper == variable_of((*place, option)):
                return f"{name} cannot be set: {reason}"
    known = config_keys_by_variable()
    if upper.removesuffix(_FILE) in known:
        return f"{name} cannot be set: only passwords and URLs are read from files"
    candidates = [*known, *(variable + _FILE for variable, key in known.items() if key.secret), CONFIG, BOARDS]
    guess = closest(upper, [candidate.lower() for candidate in candidates]).upper()
    return f"unknown variable {quoted(name)}{meant(guess)}"
