"""What has been indexed, in words."""

from __future__ import annotations

from pathlib import Path

from app.engines.tantivy.shelf import current_index
from app.engines.tantivy.snapshot import NoIndex, open_index, read_kept


def status_line(folder: Path) -> str:
    """For the indexes of one board."""
    current = current_index(folder)
    others = sorted(path for path in folder.glob("g[0-9]*") if path != current)
    told = [_told(path, "") for path in ([] if current is None else [current])]
    told += [_told(path, "being made: ") for path in others]
    return "; ".join(told) or "not indexed yet"


def _told(path: Path, what: str) -> str:
    try:
        index = open_index(path)
        searcher = index.searcher()
        kept = read_kept(index.schema, searcher)
    except (NoIndex, ValueError) as error:
        return f"{what}of no use: {error}"
    posts = max(0, searcher.num_docs - 1)  # one is no post
    size = sum(map(_size, path.iterdir()))
    return f"{what}{posts:,} posts, up to row {kept.place}, {size / 2**20:,.1f} MiB"


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # put together with others meanwhile
        return 0
