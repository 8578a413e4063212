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
# Search index, statistics and counts; never beside the archive.
VOLUME /koiwai/var
EXPOSE 9001
HEALTHCHECK --start-period=20s CMD ["/opt/koiwai/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9001/healthz', timeout=5)"]
# One process; its end has status 1 and one line when the archive cannot be opened. More processes: add "--workers", "4".
CMD ["/opt/koiwai/bin/python", "-m", "app", "serve", "--host", "0.0.0.0"]
