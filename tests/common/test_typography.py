"""How French is printed: spaces, hours, months, plurals, cut texts."""

import gettext
import io
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.utils import translation

import tisserand
from tisserand.common.dates import hour, short_month
from tisserand.common.templatetags.typography import fr
from tisserand.common.text import shorten
from tisserand.common.typography import typo
from tools.catalogues import french

NARROW, NBSP = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("de 14 h à 17 h 30", f"de 14{NARROW}h à 17{NARROW}h{NARROW}30"),
        ("17h30", "17h30"),  # the words stay those that were typed
        ("9 heures", "9 heures"),
        ("de 9 h.", f"de 9{NARROW}h."),
        ("en 2026 habitants", "en 2026 habitants"),
        ("le 4 mars, le 1er mai", f"le 4{NBSP}mars, le 1er{NBSP}mai"),
        ("12 marsouins", "12 marsouins"),
        ("ouvert ? 50 % : oui", f"ouvert{NARROW}? 50{NBSP}%{NBSP}: oui"),
    ],
)
def test_numbers_hold_to_their_units(typed, printed):
    assert typo(typed) == printed


def test_hours_and_months_have_one_form():
    moment = datetime(2026, 11, 21, 16, 3)
    assert hour(moment) == f"16{NARROW}h{NARROW}03"
    assert [short_month(date(2026, month, 1)) for month in (1, 2, 6, 12)] == ["janv.", "févr.", "juin", "déc."]
    with translation.override("en"):
        assert hour(moment) == "16:03"
        assert [short_month(date(2026, month, 1)) for month in (1, 5, 9)] == ["Jan.", "May", "Sept."]


def test_zero_is_singular_in_french():
    """Django takes what no catalogue knows for English: the French one must know every string that counts."""
    source = Catalog(locale="en")
    source.add(("%(n)d fiche lue", "%(n)d fiches lues"), ("%(n)d sheet read", "%(n)d sheets read"))
    file = io.BytesIO()
    write_mo(file, french(source, typo))
    file.seek(0)
    read = gettext.GNUTranslations(file)
    told = [read.ngettext("%(n)d fiche lue", "%(n)d fiches lues", n) for n in (0, 1, 2)]
    assert told == ["%(n)d fiche lue", "%(n)d fiche lue", "%(n)d fiches lues"]


@pytest.mark.parametrize(
    ("limit", "cut"),
    [
        (100, "On trie les palettes. Puis, on ponce."),
        (35, "On trie les palettes. Puis, on…"),
        (27, "On trie les palettes. Puis…"),
        (22, "On trie les palettes…"),
        (10, "On trie…"),
    ],
)
def test_a_cut_text_ends_with_a_whole_word(limit, cut):
    assert shorten("On trie les palettes.\n Puis, on ponce.", limit) == cut
    assert len(shorten("mot" * 100, limit)) <= limit + 1


def test_what_people_wrote_is_said_to_be_french():
    assert fr("L'été <b>") == "L’été &lt;b&gt;"
    with translation.override("en"):
        assert fr("L'été <b>") == '<span lang="fr">L’été &lt;b&gt;</span>'
        assert fr("") == ""


def test_no_page_lets_a_line_break_before_a_sign():
    """Between two translated words, a template holds the sign itself: nothing spaces it when shown."""
    root = Path(tisserand.__file__).parent
    ours = re.compile(
        r"{% blocktranslate.*?{% endblocktranslate %}|{% comment.*?{% endcomment %}|{%.*?%}|{{.*?}}", re.DOTALL
    )
    loose = re.compile(r" [:;!?](?=[\s<_])")
    pages = {file: ours.sub("_", file.read_text()) for file in root.rglob("templates/**/*.html")}
    assert len(pages) > 100
    assert [str(file.relative_to(root)) for file, page in pages.items() if loose.search(page)] == []
