"""Where the files lie that are no modules: templates, static files, examples."""

from pathlib import Path


def resource(name: str) -> Path:
    """The file or folder `name`: beside the modules in an installed package, one folder up in a checkout.

    Raises FileNotFoundError when it is in neither place, that is, when the package was put together wrongly.
    """
    package = Path(__file__).resolve().parent
    for folder in (package, package.parent):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"Koiwai is not installed completely: {name} is missing.")
