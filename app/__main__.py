"""`python -m app` is `koiwai`."""

from app.cli import main

main()
