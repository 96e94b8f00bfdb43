"""The house stays as it was drawn: foreign keys go down, rooms keep their names, nothing is forgotten."""

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

from tisserand.actions.models.sheets import OWN_PAGES
from tisserand.actions.urls import urlpatterns

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tisserand"
ROOMS = {
    "apps", "enums", "models", "queries", "operations", "forms", "views", "urls", "templates", "templatetags", "figures",
    "documents", "imports", "exports", "privacy", "rules", "api", "migrations", "management", "static", "tasks", "search",
}  # fmt: skip


def floors() -> dict[str, int]:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    names = [[name.strip("() ") for name in layer.split("|")] for layer in contract["layers"]]
    return {name: number for number, layer in enumerate(reversed(names)) for name in layer}


def own_models():
    return [model for model in apps.get_models() if model.__module__.startswith("tisserand.")]


def test_foreign_keys_only_go_down():
    floor = floors()
    for model in own_models():
        app = model._meta.app_label
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if field.auto_created or target is None or not target.__module__.startswith("tisserand."):
                continue
            other = target._meta.app_label
            assert other == app or floor[other] < floor[app], f"{model.__name__}.{field.name} points up to {other}"


def test_no_junk_drawer():
    for path in PACKAGE.rglob("*.py"):
        assert path.stem not in {"utils", "helpers", "services", "misc", "signals"}, path


def test_files_stay_readable():
    long = {
        str(path.relative_to(ROOT)): count
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts and (count := path.read_text().count("\n")) > 400
    }
    assert not long


def test_who_shows_does_not_ask_the_database():
    """Screens read through `queries`, which know who may see what, and write through operations."""
    screens = [*PACKAGE.rglob("views/*.py"), *PACKAGE.rglob("views.py"), PACKAGE / "portal/homes.py"]
    asking = [path for path in screens if re.search(r"\.(objects|_base_manager|_default_manager)\b", path.read_text())]
    assert len(screens) > 30
    assert not asking


def test_every_template_is_used():
    code = "\n".join(
        path.read_text()
        for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]
        if "migrations" not in path.parts
    )
    for path in PACKAGE.rglob("templates/**/*.html"):
        name = str(path).split("/templates/")[1]
        assert re.search(rf"""["']{re.escape(name)}["']""", code), f"{name} is not used"


def test_every_setting_is_documented():
    settings = (PACKAGE / "config" / "settings.py").read_text()
    operations = "\n".join(path.read_text() for path in (ROOT / "docs").rglob("*.md"))
    for name in set(re.findall(r"TISSERAND_[A-Z_]+", settings)):
        assert name in operations, f"{name} is not in docs/"


def test_every_dependency_says_why():
    for line in (ROOT / "pyproject.toml").read_text().splitlines():
        if re.match(r'  "[\w\[\]-]+[<>=]', line):
            assert "#" in line, line


def test_no_template_styles_itself():
    for path in PACKAGE.rglob("templates/**/*.html"):
        assert not re.search(r"\sstyle=|\son\w+=", path.read_text()), path


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "docs/status.md"])
def test_the_front_papers_exist(name):
    assert (ROOT / name).stat().st_size > 500


def test_no_page_of_a_sheet_takes_the_address_of_a_title():
    """A sheet called « Historique » would be hidden by its own page: a new page is added to `OWN_PAGES`."""
    pages = {str(one.pattern).split("/")[2] for one in urlpatterns if str(one.pattern).startswith("actions/<int:pk>/")}
    assert {page for page in pages if page and "<" not in page and "." not in page} == OWN_PAGES
