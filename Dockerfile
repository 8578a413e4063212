# The reader alone: mount your settings at /koiwai/config.toml (and boards.toml beside it).
FROM debian:12-slim

RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --no-create-home --home-dir /koiwai --shell /usr/sbin/nologin koiwai
RUN install -d /koiwai && install -d -o koiwai -g koiwai /koiwai/var

WORKDIR /koiwai
COPY requirements.txt ./
RUN python3 -m venv /opt/koiwai \
    && /opt/koiwai/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY app ./app
COPY templates ./templates
COPY static ./static
COPY docs ./docs
COPY hypercorn.toml ./
# The user of the server may not write here, so Python's compiled files are made now.
RUN /opt/koiwai/bin/python -m compileall -q app

ENV PYTHONUNBUFFERED=1
USER koiwai
# The folder [app] state: what Koiwai itself keeps.
VOLUME /koiwai/var
EXPOSE 9001
# Asks where PORT says. Whoever has another port in hypercorn.toml sets PORT to it too.
HEALTHCHECK --start-period=20s CMD ["/opt/koiwai/bin/python", "-c", "from os import environ; from urllib.request import urlopen; urlopen('http://127.0.0.1:%s/healthz' % (environ.get('PORT') or 9001), timeout=5)"]
# SIGTERM finishes the requests under way, which may take graceful_timeout and more, but an engine kills after 10
# seconds unless it is told to wait: docker stop -t 40.
# One process; its end has status 1 and one line when the archive cannot be opened. More processes: add "--workers", "4".
CMD ["/opt/koiwai/bin/python", "-m", "app", "serve", "--host", "0.0.0.0"]
