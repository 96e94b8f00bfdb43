"""The typefaces documents are set in, found in the packages that carry them."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

# Both under the SIL Open Font License 1.1; a test reads it in their metadata.
FONT_PACKAGES = ("font_lato", "font_source_serif_pro")


def font_folders() -> list[Path]:
    """Return the folder of each font package, in a fixed order.

    Raises ModuleNotFoundError if a package is absent, FileNotFoundError if it holds no fonts.
    """
    folders = [Path(str(files(package).joinpath("files"))) for package in FONT_PACKAGES]
    for folder in folders:
        if not any(folder.glob("*.[ot]tf")):
            raise FileNotFoundError(f"No font file in {folder}")
    return folders


@cache
def fonts() -> typst.Fonts:
    """Return our fonts and those inside the compiler, never the system's: every server prints alike."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(folder) for folder in font_folders()],
    )
