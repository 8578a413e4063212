# Two commands for everybody: "make demo" and "make test". Both work from a fresh clone.
.PHONY: demo test lint

# Serves a made-up archive on http://127.0.0.1:9001 (another port: make demo PORT=8000).
demo:
	@exec scripts/demo

# Runs every test, on SQLite, MariaDB and PostgreSQL (some of them: make test ARGS="-k thread").
test:
	@exec scripts/test $(ARGS)

lint:
	@exec scripts/lint
