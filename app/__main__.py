"""`python -m app` is `koiwai`."""

from app.cli import main

if __name__ == "__main__":  # not where a process of ours is started, which looks through this file
    main()
