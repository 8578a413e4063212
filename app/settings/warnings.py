"""What works, but ought to be looked at by the operator."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.settings import Settings
from app.settings.keys import config_keys
from app.settings.layers import Layer


def warnings(settings: Settings, variables: Layer, files: Iterable[tuple[Path, Layer]]) -> Iterator[str]:
    """Sentences about secrets that others can read, and about variables without effect.

    `variables` is what they set, `files` the settings files with what each of them sets.
    """
    keys = config_keys()
    for path, layer in files:
        secrets = (entry.value not in {"", keys[place].default} for place, entry in layer.items() if keys[place].secret)
        if any(secrets) and _all_can_read(path):
            yield f"{path} holds a password, and every user of this machine can read it: chmod o-r {path.name}"
    used = {"echo", "pool", "slow_statement", "db_type", settings.db.db_type}
    idle = [entry.origin.source for place, entry in variables.items() if place[0] == "db" and place[1] not in used]
    for source in dict.fromkeys(idle):
        yield f'{source} has no effect, because the db_type is "{settings.db.db_type}"'
    if settings.db.slow_statement >= settings.db.pool.statement_timeout:
        yield "[db] slow_statement has no effect, because [db.pool] statement_timeout stops statements before"
    state, root = (Path(os.path.normpath(path)) for path in (settings.app.state, settings.media.root))
    if settings.media.enabled and root in (state, *state.parents):
        yield "[app] state lies in the folder of [media] root, from which files are served"


def _all_can_read(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
