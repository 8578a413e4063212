"""Certificates for one run of the tests, made with the command `openssl`. They are good for nothing else."""

import secrets
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tests.support.daemon import find_program, write_file

NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
RULES = """
[ca]
default_ca = rules
[rules]
database = {folder}/issued
new_certs_dir = {folder}
certificate = {own.certificate}
private_key = {own.key}
rand_serial = yes
default_md = sha256
unique_subject = no
policy = names
[names]
commonName = supplied
[host]
subjectAltName = DNS:{name}
authorityKeyIdentifier = keyid
"""


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path

    def copy_to(self, other: "Identity", account: str | None) -> None:
        """Takes the place of another one, readable for ``account`` (None: for us)."""
        for mine, theirs in ((self.certificate, other.certificate), (self.key, other.key)):
            theirs.unlink(missing_ok=True)
            write_file(theirs, mine.read_text("ascii"), account)


class Authority:
    """One that signs certificates; its own is the file ``certificate``."""

    def __init__(self, folder: Path) -> None:
        """Keeps its files in ``folder``. Raises MissingServer when there is no openssl."""
        self._openssl = find_program("openssl", "OpenSSL's command is not installed; install openssl")
        self._folder = folder
        (folder / "issued").touch()
        self._own = self._files("authority")
        self.certificate = self._own.certificate
        # The purposes must be named: without them Python from 3.13 on may trust nobody.
        subject = ("-subj", f"/CN={self.certificate.stem}", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self._run("req", "-x509", *NEW_KEY, "-keyout", self._own.key, "-out", self._own.certificate, *subject)

    def identity(self, name: str, *, first_day: int = -1, last_day: int = 30) -> Identity:
        """A new certificate for a host, or a user, of that name. It holds between two days counted from today."""
        new = self._files(name)
        request, rules = new.key.with_suffix(".request"), new.key.with_suffix(".rules")
        self._run("req", "-new", *NEW_KEY, "-keyout", new.key, "-out", request, "-subj", f"/CN={name}")
        rules.write_text(RULES.format(folder=self._folder, own=self._own, name=name), "ascii")
        dates = ("-startdate", _day(first_day), "-enddate", _day(last_day))
        files = ("-config", rules, "-extensions", "host", "-in", request, "-out", new.certificate)
        self._run("ca", "-batch", "-notext", *files, *dates)
        return new

    def encrypted(self, key: Path) -> Path:
        """The same key, locked with a password."""
        locked = key.with_suffix(".locked")
        self._run("pkcs8", "-topk8", "-in", key, "-out", locked, "-passout", "pass:S3cret")
        return locked

    def _files(self, name: str) -> Identity:
        base = self._folder / f"{name}-{secrets.token_hex(4)}"
        return Identity(base.with_suffix(".pem"), base.with_suffix(".key"))

    def _run(self, *arguments: str | Path) -> None:
        subprocess.run([self._openssl, *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def _day(number: int) -> str:
    return (datetime.now(timezone.utc) + timedelta(days=number)).strftime("%Y%m%d%H%M%SZ")
