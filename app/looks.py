"""Looks at the disk that find nothing where they may not look, instead of failing."""

from __future__ import annotations

from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether there is anything at `path`, as far as we may see."""
    try:
        return path.exists()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder, as far as we may see."""
    try:
        return path.is_dir()
    except OSError:
        return False


def state_of(file: Path) -> tuple[int, ...]:
    """What changes when another file takes this one's place; nothing where there is none."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_mtime_ns, found.st_size)
