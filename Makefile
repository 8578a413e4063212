# Two commands for everybody: "make demo" and "make test". Both work from a fresh clone.
.PHONY: demo test test-full test-pythons bench bench-search screenshots lint audit docs

# Serves a made-up archive on http://127.0.0.1:9001 (another port: make demo PORT=8000).
demo:
	@exec scripts/demo

# Runs every test, on SQLite, MariaDB and PostgreSQL (some of them: make test ARGS="-k thread").
test:
	@exec scripts/test $(ARGS)

# Runs those too that take minutes: every kind of page in a real browser, on each width, in each theme, by Lighthouse.
test-full:
	@exec scripts/test-full $(ARGS)

# Runs the tests that need no server on every Python from 3.10 to 3.13 that is here.
test-pythons:
	@exec scripts/test-pythons $(ARGS)

# Measures how quick pages and JSON are made, beside what the same server does without us (less: make bench ARGS="--posts 10000").
bench:
	@exec scripts/bench $(ARGS)

# Measures searches in invented archives: by their indexes and by their tables (less: make bench-search ARGS="index --posts 10000").
bench-search:
	@exec scripts/bench-search $(ARGS)

# Looks all pinned packages up among the known vulnerabilities; needs the network.
audit:
	@exec scripts/audit $(ARGS)

# Photographs the demo for docs/tour.md.
screenshots:
	@exec scripts/screenshots

lint:
	@exec scripts/lint

# Writes what is made from the code: docs/configuration.md and the two example files.
docs:
	@exec scripts/docs
