"""Sheets to print, about an invented place, and readers of what was printed."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Sheet = dict[str, Any]

SENTENCES = (
    "Le mardi soir, trois voisines ouvrent la remise et trient les outils rendus. ",
    "Chacun note ce qu'il prend, pour combien de jours ; la caution reste symbolique. ",
    "À la belle saison, un atelier d'affûtage attire jusqu'à vingt personnes. ",
    "Les réparations se font à plusieurs, avec un menuisier retraité de Valbrune-Saint-Roch. ",
    "On y vient pour une perceuse, on y reste pour le café. ",
)


def running_text(length: int, start: int = 0) -> str:
    text, rank = "", start
    while len(text) < length:
        text += SENTENCES[rank % len(SENTENCES)]
        rank += 1
    return text[:length].rsplit(" ", 1)[0]


def passage(label: str, *texts: str) -> dict[str, Any]:
    return {"label": label, "blocks": [{"kind": "p", "text": text} for text in texts]}


def full_sheet(length: int = 1200) -> Sheet:
    """A sheet with every part, whose text is about *length* characters long."""
    around = 700
    ranks = range(0, max(length - around, 300), 500)
    texts = [running_text(min(500, max(length - around, 300) - at), at // 500) for at in ranks]
    return {
        "lang": "fr",
        "kicker": "Les Remises de la Loude",
        "number": "Fiche n° 27",
        "title": "La remise aux outils",
        "accent": "#1D5B73",
        "rail": [{"label": f"Repère {rank}", "values": ["Valbrune", "3 400 habitants"]} for rank in range(1, 10)],
        "lead": {"label": "Résumé", "paragraphs": [running_text(180)]},
        "sections": [
            passage("Description", *texts),
            {"label": "Partage", "blocks": [{"kind": "list", "items": ["perceuse", "échelle", "broyeur"]}]},
            passage("Moyens", "9 850 € par an : commune 45 %, dons 55 %."),
        ],
        "figures": [
            {"value": "164", "unit": "personnes", "note": "venues au moins une fois"},
            {"value": "61 %", "unit": "43 personnes sur 71", "note": "connaissent deux voisins de plus"},
            {"value": "4 sur 11", "unit": "bénévoles", "note": "tiennent la caisse"},
        ],
        "band": [passage(label, running_text(90)) for label in ("Usages", "Liens", "Savoirs")],
        "foot": [passage("Limites", running_text(160)), passage("Perspectives", running_text(140))],
        "footer_left": "Relue le 30 juin 2026.",
        "footer_right": "Fiche 27 sur 64",
        "address": "https://remises.example/fiches/27",
    }


@pytest.fixture
def make_sheet() -> Callable[..., Sheet]:
    return full_sheet


@pytest.fixture
def poppler(tmp_path: Path) -> Callable[..., str]:
    """Run a poppler tool on the bytes of a PDF and return what it prints; skip where it is missing."""

    def run(content: bytes, tool: str, *options: str, after: tuple[str, ...] = ()) -> str:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} (poppler-utils) is not installed")
        source = tmp_path / "printed.pdf"
        source.write_bytes(content)
        done = subprocess.run([tool, *options, str(source), *after], capture_output=True, check=True)
        return done.stdout.decode(errors="replace")

    return run
