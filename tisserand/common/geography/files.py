"""Reading the compressed files shipped with this package."""

import gzip
from importlib.resources import files


def shipped_text(name: str) -> str:
    """Return the text of the gzip file *name* of the `data` folder."""
    # `importlib.resources` rather than a path: an installed package may live inside an archive.
    return gzip.decompress((files(__package__) / "data" / name).read_bytes()).decode("utf-8")
