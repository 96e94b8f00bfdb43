"""`python -m tools.templates [--check]`: every template in the one form that djade gives."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Format the templates, or only say which are not."""
    templates = sorted(str(path) for path in (ROOT / "tisserand").rglob("templates/**/*.html"))
    check = ["--check"] if "--check" in sys.argv else []
    djade = str(Path(sys.executable).parent / "djade")
    status = subprocess.call([djade, "--target-version", "5.2", *check, *templates])
    # djade answers 1 when it changed a file: that is what was asked for, unless it was only to check.
    sys.exit(status if check else 0)


if __name__ == "__main__":
    main()
