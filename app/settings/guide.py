"""The parts of docs/configuration.md that are prose: where settings come from, and what each section is for."""

from __future__ import annotations

from collections.abc import Mapping

from app.settings.keys import Place

GUIDE = """\
<!-- Made from app/settings/ by scripts/docs: change it there. -->

# Configuration

Koiwai reads two files: `config.toml` (which database, where the media are, how the site is called) and `boards.toml`
(which boards). Where variables name the database, both can be left out; then every board found in it is served.
`config.toml.example` and `boards.toml.example` list every key with its default. This page explains each.

    koiwai config          # what holds in the end, secrets masked, with the source of each value
    koiwai config --json   # the same for programs

A mistake ends every command with one line that names the file and the key, or the variable. A key that does not exist
is a mistake, never ignored.

## Where settings come from

Each source overrides those above it, key by key:

| source | example |
| --- | --- |
| the defaults | |
| `config.toml` | `port = 3307` in `[db.mysql]` |
| the file `.env` beside it | `KOIWAI_DB__MYSQL__PORT=3307` |
| variables of the environment | `KOIWAI_DB__MYSQL__PORT=3307` |
| `DATABASE_URL` | `mysql://reader:secret@db.example.org:3307/asagi` |

`config.toml` is looked for in the folder in which Koiwai is started, `boards.toml` beside it. The variables
`KOIWAI_CONFIG` and `KOIWAI_BOARDS` name other files; they count in the environment only, not in `.env`.

Relative paths in `config.toml` and `.env` start at the folder of that file, relative paths in the environment at the
folder in which Koiwai is started.

### Variables

A variable is called `KOIWAI_`, the section, two underscores and the key; a section inside another one takes two
underscores more: `[db.mysql] password` is `KOIWAI_DB__MYSQL__PASSWORD`. Capitals do not matter after `KOIWAI_`. Values
are written without quotes in the environment. True and false may also be `1`, `yes`, `on` and `0`, `no`, `off`. An
empty variable means an empty text, or nothing for a key whose default is none. Tables of texts can be set in
`config.toml` only.

An unknown variable that starts with `KOIWAI_` is a mistake, so that a misspelt one is noticed.

### Secrets

Passwords and database URLs can stand in files of their own, as containers and service managers give them out. The
variable with `_FILE` at its end names the file; a line end at the end of the file does not count:

    KOIWAI_DB__MYSQL__PASSWORD_FILE=/run/secrets/mysql
    DATABASE_URL_FILE=/run/secrets/database_url

The same works for `KOIWAI_DB__POSTGRESQL__PASSWORD` and `KOIWAI_DB__URL`. Setting a variable and its `_FILE` in the
same place is a mistake. Secrets are shown by no command, message or log.

### .env

Lines of the form `NAME=value`; `#` starts a comment. A value with blanks, quotes or `#` stands in single quotes, in
which `\\'` is a quote and `\\\\` a backslash. `$` has no meaning. Variables of other programs in the same file are left
alone. Keep the file readable for Koiwai's user only: `chmod 600 .env`.

### DATABASE_URL

One line names the database, its user and how to connect. The key `url` in `[db]` and the variable `KOIWAI_DB__URL` mean
the same with the rank of their source.

| URL | database |
| --- | --- |
| `sqlite:///archive.db` | a file, from the folder that relative paths start at |
| `sqlite:////srv/archive.db` | a file by its whole path |
| `mysql://user:password@host:3306/database` | MySQL or MariaDB; also `mariadb://` |
| `mysql://user@/database?unix_socket=/run/mysqld/mysqld.sock` | by a Unix socket |
| `postgresql://user:password@host:5432/database` | PostgreSQL; also `postgres://` |
| `postgresql://user@/database?host=/run/postgresql` | by the folder of a Unix socket |

* The scheme may name the driver: `sqlite+aiosqlite://`, `mysql+aiomysql://`, `postgresql+asyncpg://`. Others are
  refused.
* In the user, the password and parameters, special characters are percent-encoded: `%` is `%25`, `/` is `%2F`,
  `?` is `%3F`, `#` is `%23`, `@` is `%40`, `&` is `%26`, a blank is `%20`.
* An IPv6 address stands in square brackets: `postgresql://[::1]:5432/asagi`. A socket may also be the host, encoded:
  `postgresql://%2Frun%2Fpostgresql/asagi`.
* Parameters are the keys of the section of that database below, further keys of the driver included:
  `?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=5&application_name=archive`. The sizes of the pool may
  be called `minsize` and `maxsize` or `min_size` and `max_size`. For MySQL, `ssl_mode=VERIFY_IDENTITY` and the like,
  `ssl_ca`, `ssl_cert` and `ssl_key` are understood too.
* What the URL does not say comes from the sources that rank below it. The password is an exception: where neither the
  URL nor another source gives one, there is none, and the default does not count. (For PostgreSQL its own variables
  and files then count, `PGPASSWORD` and `~/.pgpass`.)
* A URL with a host switches `unix_socket` off.
"""

SECTIONS: Mapping[Place, str] = {
    ("db",): "Which database holds the archive. Koiwai reads from it and never writes to it.",
    ("db", "mysql"): 'MariaDB and MySQL; used with `db_type = "mysql"`. [databases.md](databases.md) has the grants.',
    ("db", "postgresql"): (
        'PostgreSQL, also by way of PgBouncer; used with `db_type = "postgresql"`. [databases.md](databases.md) '
        "has the grants."
    ),
    ("db", "sqlite"): 'Used with `db_type = "sqlite"`. The file is opened read-only.',
    ("db", "pool"): (
        "The connections of one worker, the same for all databases. How many there are at most is said in the section "
        "of the database; each worker has its own."
    ),
    ("app",): "How this site is reached, and the folder it may write to.",
    ("log",): "What is written to standard error.",
    ("media",): "Where the files of posts are, and who sends them to readers.",
    ("archive",): "The live site the posts come from, for links to it.",
    ("search",): "How posts are searched for. [search.md](search.md) says what each engine is good for.",
    ("search", "sphinx"): 'A Sphinx server that has indexes of the boards; used with `engine = "sphinx"`.',
    ("site",): "This site, as its readers see it.",
}

BOARDS = """\
The boards to serve, in the order in which lists show them. A board is a line, or a table with keys:

    [boards]
    g = "Technology"
    "λ" = "Lambda"

    [boards.po]
    title = "Papercraft & Origami"
    nsfw = false

The name is the name of the board's table: letters, digits, `_` and `-`. Names with letters beyond a-z stand in quotes.
Boards cannot be set by variables. No board can be called

* {reserved}: with these begin Koiwai's own addresses;
* anything that ends in {endings}: these are the side tables of boards.
"""
