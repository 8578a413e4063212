"""One file for each command of `koiwai`; each defines a click command that `app/cli.py` loads by its name."""
