"""The version, in its only place: the package, the command and the API take it from here."""

VERSION = "0.2.0"
