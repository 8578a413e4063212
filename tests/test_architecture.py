"""How the code is built: imports point down, one home for SQL, private columns never named, small files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

LAYERS = (
    ("app.compat", "app.version", "app.resources", "app.assets", "app.shared_table"),
    (
        "app.errors",
        "app.looks",
        "app.settings",
        "app.clock",
        "app.times",
        "app.telemetry",
        "app.compression",
        "app.dates",
        "app.http",
        "app.filenames",
    ),
    ("app.model", "app.sendfile", "app.media_layout"),
    ("app.urls", "app.media_links", "app.countries", "app.exif", "app.markup", "app.reading", "app.contract"),
    ("app.search",),
    ("app.db",),
    ("app.clock_detection", "app.counts", "app.threads", "app.thread_maps", "app.moderation"),
    (
        "app.board",
        "app.boards",
        "app.conversation",
        "app.quotelinks",
        "app.thread_pages",
        "app.thread_parts",
        "app.random_thread",
    ),
    ("app.engines", "app.stats"),
    ("app.indexing",),
    ("app.archive", "app.check", "app.setup"),
    ("app.context", "app.proxy", "app.request_log"),
    ("app.labels",),
    ("app.media", "app.static", "app.web", "app.api"),
    ("app",),
    ("app.supervisor", "app.server_config"),
    ("app.server",),
    ("app.commands",),
    ("app.cli", "app.__main__"),
)
"""Modules and packages, bottom up. Each may import from its own layer and from those below it."""

STRANGERS = (("app.web", "app.api"), ("app.web", "app.db"), ("app.api", "app.db"), ("app.media", "app.db"))
"""Pairs of which neither imports the other."""

APART = "app.demo"
"""Makes invented archives: nobody needs it but the command, and it needs nobody."""

SPHINXQL = "app.engines.sphinx"
"""Asks a search server, in a language that looks like SQL; what it asks of the archive stands in app.db."""

LONGEST_FILE = 300
PRIVATE = re.compile("poster_ip|delpass")
WHOLE_ROWS = re.compile(r"select\s+(\w+\.)?\*\s+from\s+(?!\()", re.IGNORECASE)


def modules() -> dict[str, Path]:
    """Every module of the program by name."""
    found = {}
    for path in sorted((REPOSITORY / "app").rglob("*.py")):
        name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Modules of the program that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def belongs(name: str, home: str) -> bool:
    return name == home or (home != "app" and name.startswith(f"{home}."))


def layer(name: str) -> int:
    ranks = [rank for rank, homes in enumerate(LAYERS) for home in homes if belongs(name, home)]
    assert len(ranks) == 1, f"{name} stands in no layer, or in several"
    return ranks[0]


def all_imports() -> list[tuple[str, str]]:
    known = modules()
    return [(name, used) for name, path in known.items() for used in imports(path, known)]


def test_imports_are_found() -> None:
    found = all_imports()
    assert len(found) > 200
    assert ("app.archive", "app.boards") in found
    assert ("app.server", "app") in found


def test_imports_point_down() -> None:
    upwards = [
        f"{name} imports {used}"
        for name, used in all_imports()
        if not belongs(name, APART) and not belongs(used, APART) and layer(name) < layer(used)
    ]
    assert upwards == []


def test_the_demo_stands_apart() -> None:
    crossing = [(name, used) for name, used in all_imports() if belongs(name, APART) != belongs(used, APART)]
    assert {name for name, used in crossing if belongs(used, APART)} == {"app.commands.demo"}
    assert {used for name, used in crossing if belongs(name, APART)} <= set()


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_strangers_do_not_import_each_other(one: str, other: str) -> None:
    for name, used in all_imports():
        assert not (belongs(name, one) and belongs(used, other)), f"{name} imports {used}"
        assert not (belongs(name, other) and belongs(used, one)), f"{name} imports {used}"


def test_no_circles() -> None:
    uses: dict[str, set[str]] = {}
    for name, used in all_imports():
        uses.setdefault(name, set()).add(used)
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path, name])
        if name not in done:
            for used in sorted(uses.get(name, set()) - {name}):
                visit(used, (*path, name))
            done.add(name)

    for name in modules():
        visit(name, ())


def test_private_columns_are_never_named() -> None:
    for name, path in modules().items():
        if not belongs(name, APART):
            assert PRIVATE.search(path.read_text("utf-8")) is None, name


def test_no_statement_takes_whole_rows_of_a_table() -> None:
    assert WHOLE_ROWS.search("SELECT * FROM {table}") and WHOLE_ROWS.search("select p.* from x")
    assert WHOLE_ROWS.search("SELECT * FROM (SELECT num FROM a) AS t") is None
    for name, path in modules().items():
        assert WHOLE_ROWS.search(path.read_text("utf-8")) is None, name


def test_sql_has_one_home() -> None:
    statement = re.compile(r"\b(SELECT|FROM|WHERE|ORDER BY)\b [\w{?*(]")
    for name, path in modules().items():
        if not any(belongs(name, home) for home in ("app.db", APART, SPHINXQL)):
            texts = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _is_text(node))
            assert not [text for text in texts if statement.search(text)], name


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("path", modules().values(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_files_are_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
