"""Writing invented boards into an SQLite file."""

import sqlite3
from pathlib import Path

from app.demo.model import DemoBoard
from app.demo.rows import Pictures, rows
from app.demo.tables import bind, create_statements, insert_statement
from app.demo.writers import Writer


def store_boards(path: Path, boards: list[tuple[DemoBoard, Writer]], pictures: Pictures) -> None:
    """Create the tables of each board in the file at `path` and fill them; the file may exist without them.

    Leaves an ordinary database in one file: no write-ahead log. Raises sqlite3.Error when a table exists.
    """
    connection = sqlite3.connect(path)
    try:
        # Speed only: the caller throws the file away when it was not finished.
        connection.execute("PRAGMA synchronous = OFF")
        for board, writer in boards:
            for statement in create_statements("sqlite", writer, board.name):
                connection.execute(statement)
            for suffix, table in rows(writer, board, pictures).items():
                connection.executemany(
                    insert_statement("sqlite", writer, board.name, suffix),
                    [bind("sqlite", writer, suffix, row) for row in table],
                )
        connection.commit()
    finally:
        connection.close()
