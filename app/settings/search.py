"""`[search]`: who finds posts, and how long that may take."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from app.settings.section import DatabaseHost, Matches, Port, Seconds, Section, Text, says


class SphinxSettings(Section, frozen=True, kw_only=True):
    """`[search.sphinx]`: the search server of FoolFuuka archives, for engine = "sphinx"."""

    host: Annotated[DatabaseHost, says("The name or address of the searchd that is asked.")] = "127.0.0.1"
    port: Annotated[Port, says("Its TCP port for SphinxQL (listen = 9306:mysql41).")] = 9306
    unix_socket: Annotated[str, says("Path of a Unix socket, used in place of host and port unless it is empty.")] = ""
    connect_timeout: Annotated[Seconds, says("Seconds it has to accept a connection.")] = 2.0
    indexes: Annotated[
        Text,
        says(
            "The indexes of a board, with commas between them; {board} stands for its name. Those that are not there "
            "are left out, but one must be."
        ),
    ] = "{board}_ancient, {board}_main, {board}_delta"
    max_matches: Annotated[
        Matches,
        says("Posts the server is asked for in one go, at most. However many there are, all of them are found."),
    ] = 1000

    def problems(self) -> Iterator[str]:
        for pattern in self.indexes.split(","):
            if "{board}" not in pattern or not re.fullmatch(r"\w+", pattern.strip().replace("{board}", "b"), re.ASCII):
                yield 'indexes must be names of letters, digits and _ with {board} in each, such as "{board}_main"'
                return


class SearchSettings(Section, frozen=True, kw_only=True):
    """`[search]`: how posts are searched for."""

    engine: Annotated[
        Literal["auto", "sql", "tantivy", "sphinx"],
        says(
            'Who finds posts. "sql": the archive\'s own tables, which needs nothing more. "tantivy": the index that '
            '"koiwai index" makes in the folder state. "sphinx": a Sphinx server. "auto": the index on boards that '
            "have one, the tables on others."
        ),
    ] = "auto"
    time_budget: Annotated[
        Seconds,
        says(
            "Seconds a search may take. When they are over, what was found so far is shown, with a link that goes on "
            "from there. Never more than four fifths of [db.pool] statement_timeout."
        ),
    ] = 4.0
    sphinx: SphinxSettings = SphinxSettings()
