"""Build hook: compile the catalogues, so that an installed package needs neither GNU gettext nor Babel."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):
    """Runs for wheels and for editable installs alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Write the `.mo` files beside their source."""
        sys.path.insert(0, self.root)  # the build runs elsewhere: our own tools are found only now
        from tools.catalogues import compile_catalogues

        compile_catalogues(Path(self.root) / "tisserand" / "locale")
