"""`[search]`: who finds posts, and how long that may take."""

from typing import Annotated, Literal

from app.settings.section import DatabaseHost, Port, Seconds, Section, says


class SphinxSettings(Section, frozen=True, kw_only=True):
    """`[search.sphinx]`: the search server of FoolFuuka archives, for engine = "sphinx"."""

    host: Annotated[DatabaseHost, says("The name or address of the searchd that is asked.")] = "127.0.0.1"
    port: Annotated[Port, says("Its TCP port for SphinxQL (listen = 9306:mysql41).")] = 9306


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
