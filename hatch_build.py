"""Build hook: compile the catalogues, so that an installed package needs neither GNU gettext nor Babel."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):
    """Runs for wheels and for editable installs alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Write the `.mo` files beside their source."""
        import sys

        sys.path.insert(0, self.root)
        from tools.catalogues import compile_catalogues

        compile_catalogues(Path(self.root) / "tisserand" / "locale")
