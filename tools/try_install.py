"""`python -m tools.try_install`: install the package in an empty environment and use what it installed.

The wheel must carry templates, styles, catalogues and migrations: nothing here reads the source tree.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
USE = """
from django.test import Client
client = Client(headers={"host": "localhost"})
for address in ("/", "/actions/?q=jardin", "/structures/", "/chiffres/", "/connexion/", "/api/", "/api/actions"):
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
pdf = client.get("/actions/1/fiche.pdf")
assert pdf.content[:5] == b"%PDF-", pdf.status_code
assert "Structures" in client.get("/").content.decode()
client.cookies["django_language"] = "en"
assert "Go to content" in client.get("/").content.decode() or "Skip to content" in client.get("/").content.decode()
print("installed package: works")
"""


def main() -> None:
    """Build, install, import a file, serve pages."""
    with tempfile.TemporaryDirectory(prefix="tisserand-install-") as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
        uv = Path(sys.executable).parent / "uv"
        python = folder / "env/bin/python"
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, ROOT], check=True)
        tisserand = folder / "env/bin/tisserand"
        variables = {key: value for key, value in os.environ.items() if not key.startswith("TISSERAND_")}
        variables["TISSERAND_DATA"] = str(folder / "data")

        def run(*arguments: str) -> None:
            subprocess.run([tisserand, *arguments], cwd=folder, env=variables, check=True)

        file = str(ROOT / "tisserand/demo/data/waiting-import.txt")
        run("import_actions", file, "--network", "essai", "--create-network", "Essai")
        run("collectstatic", "--noinput", "--verbosity", "0")
        run("shell", "--no-imports", "-c", USE)


if __name__ == "__main__":
    main()
