"""Searching: words, accents, phrases, prefixes, facets; the same answer on both databases."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tisserand.search.bitmaps import bitmaps, forget
from tisserand.search.engine import broader, did_you_mean, related, search
from tisserand.search.index import Document, Space, index_documents
from tisserand.search.query import parse
from tisserand.search.snippets import marked, snippet

SPACE = Space(9, "tests", ("kind", "place"))
pytestmark = pytest.mark.django_db


def put(object_id: int, title: str, body: str = "", lead: str = "", visible: bool = True, **facets) -> None:
    pairs = tuple((key, value) for key, values in facets.items() for value in values.split())
    index_documents(SPACE, [Document(object_id, title, lead, (body,) if body else (), pairs, visible)])


def ids(text: str = "", **filters) -> list[int]:
    found = search(SPACE, text, {key: value.split() for key, value in filters.items()})
    return [object_id for _tier, object_id in found.ranked(100)]


@pytest.mark.parametrize(
    "typed",
    ["fracture numérique", "fracture numerique", "FRACTURES NUMÉRIQUES", "numeriques fracture", "la fracture du numérique",
     '"fracture numérique"', "fracture numeriq", "« la fracture numérique »"],
)  # fmt: skip
def test_accents_case_inflections_and_order_do_not_matter(typed):
    put(1, "Permanence", "Lutter contre la fracture numérique dans le quartier.")
    put(2, "Autre", "Le numérique pour tous.")
    assert ids(typed) == [1]


@pytest.mark.parametrize(
    ("written", "typed"),
    [("L'été à l'œuvre", "oeuvre"), ("éducation", "educations"), ("animés par des bénévoles", "benevole"),
     ("aujourd’hui", "aujourd'hui"), ("préparation", "preparer"), ("ÉCOLES", "école")],
)  # fmt: skip
def test_french_words(written, typed):
    put(1, "x", written)
    assert ids(typed) == [1]


def test_phrases_are_in_order_and_never_across_two_texts():
    index_documents(SPACE, [Document(1, "t", body=("atelier de cuisine", "partagée le soir"))])
    assert ids('"atelier de cuisine"') == [1]
    assert ids('"cuisine atelier"') == []
    assert ids('"cuisine partagée"') == []
    assert ids('"cuisine" partagée') == [1]


def test_a_prefix_only_while_typing():
    put(1, "x", "accompagnement")
    assert ids("accomp") == [1]
    assert ids("accomp ") == []  # a space says that the word is finished
    assert ids('"accomp"') == []


def test_titles_first_then_leads_then_the_rest_newest_first():
    put(1, "Jardin")
    put(2, "a", "le jardin")
    put(3, "b", lead="un jardin")
    put(4, "Le jardin aussi")
    assert ids("jardin") == [4, 1, 3, 2]
    found = search(SPACE, "jardin")
    pages, after = [], None
    while page := found.ranked(1, after):
        pages.append(page[0][1])
        after = page[0]
    assert pages == [4, 1, 3, 2]


def test_facets_count_what_one_would_get():
    put(1, "a", kind="x y", place="north")
    put(2, "a", kind="y", place="south")
    put(3, "a", kind="x", place="south", visible=False)
    found = search(SPACE, "", {"kind": ["y"]})
    assert found.counts == {"kind": {"x": 1, "y": 2}, "place": {"north": 1, "south": 1}}
    found = search(SPACE, "", {"kind": ["y"], "place": ["north"]})
    assert len(found) == 1
    assert found.counts == {"kind": {"x": 1, "y": 1}, "place": {"north": 1, "south": 1}}
    assert len(search(SPACE, "", {"kind": ["unknown"]})) == 0


def test_changes_are_seen_and_what_is_hidden_leaves():
    put(1, "avant", kind="x")
    assert ids("avant") == [1]
    put(1, "après", kind="y")
    assert (ids("avant"), ids("après"), ids(kind="x"), ids(kind="y")) == ([], [1], [], [1])
    put(1, "après", kind="y", visible=False)
    assert ids() == []
    assert ids("après") == []


def test_refreshing_gives_the_same_as_reading_everything_again():
    random_ = random.Random(3)
    for step in range(60):
        object_id = random_.randrange(12)
        kinds = " ".join(random_.sample("abcd", random_.randint(0, 3)))
        put(object_id, f"t{step}", kind=kinds, visible=random_.random() < 0.6)
        held = bitmaps(SPACE)
        forget()
        fresh = bitmaps(SPACE)
        assert held.visible == fresh.visible
        kept = {f: {v: i for v, i in values.items() if i} for f, values in held.facets.items()}
        assert {f: v for f, v in kept.items() if v} == fresh.facets


def test_did_you_mean_proposes_only_what_finds_something():
    put(1, "Atelier numérique", "ordinateur")
    put(2, "caché", "secret", visible=False)
    assert did_you_mean(SPACE, parse("numérike")) == "numerique"
    assert did_you_mean(SPACE, parse("atelier ordinatuer")) == "atelier ordinateur"
    assert did_you_mean(SPACE, parse("zzzzzzzz")) == ""
    assert did_you_mean(SPACE, parse("sekret")) == ""


def test_related_documents_and_their_reasons():
    put(1, "Jardin partagé", kind="x")
    put(2, "Le jardin des enfants", kind="z")
    put(3, "Autre chose", kind="x")
    for number in range(4, 30):
        put(number, "Sans rapport", kind="z")
    found = related(SPACE, 1, "Jardin partagé", [("kind", "x")])
    assert {one.object_id for one in found} == {2, 3}
    assert next(one for one in found if one.object_id == 3).values == (("kind", "x"),)
    assert next(one for one in found if one.object_id == 2).words == ("jardin",)


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        "'",
        "*",
        "a*b",
        "x:y",
        "NEAR(a b)",
        "a AND b",
        "-a",
        "(",
        "()",
        "\x00",
        "%",
        "'--",
        "é" * 400,
        "a " * 500,
        '"" ""',
        "🌱",
        "^a",
        "_t",
        "a_b",
    ],
)
def test_nothing_typed_breaks_the_search(typed):
    put(1, "a b x y near and")
    search(SPACE, typed).ranked(5)


@given(st.text(max_size=60))
def test_any_text_can_be_searched(typed):
    search(SPACE, typed).ranked(5)


def test_snippets_mark_what_was_found_and_escape_the_rest():
    text = "x " * 300 + "une <b>cuisine</b> partagée & rapide " + "y " * 300
    excerpt = snippet(["", text], parse("cuisines partage"))
    assert "<mark>cuisine</mark>" in excerpt
    assert "<mark>partagée</mark>" in excerpt
    assert "&lt;b&gt;" in excerpt
    assert len(excerpt) < 500
    assert marked("Cuisine", parse("cui")) == "<mark>Cuisine</mark>"
    assert snippet(["Texte court"], parse("")) == "Texte court"


def test_a_snippet_does_not_begin_with_what_closes_a_sentence():
    after = " » La suite vient ici avant le mot cherché, et encore quelques mots : le jardin."
    for length in range(140, 175):
        excerpt = snippet([("mot " * 60)[:length].rstrip() + after], parse("jardin"))
        assert re.match("… (La|mot)", excerpt), excerpt
        assert "<mark>jardin</mark>" in excerpt


def test_words_as_typed_come_before_those_that_resemble_them():
    put(1, "La Caf nous aide", "Avec la Caf.")
    put(2, "Un café chez vous", "On parle.")
    put(3, "Autre", "Dossier auprès de la CAF.")
    put(4, "Cafés des parents")
    assert ids("caf") == [1, 3, 4, 2]
    assert ids("jeu") == []
    put(5, "Des jeux pour tous")
    put(6, "Autre", "Un jeu.")
    assert ids("jeu") == [5, 6]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("fracture numerik", "fracture numerique"), ("informatik", "informatique"), ("jardinage", "jardin"), ("fotografie", "photographie")],
)  # fmt: skip
def test_did_you_mean_hears_french(typed, meant):
    put(1, "Fracture numérique, informatique et information", "Un jardin, la photographie, le numéro.")
    assert did_you_mean(SPACE, parse(typed)) == meant


def test_the_same_search_with_less():
    put(1, "Sortie des enfants", place="north")
    put(2, "Accueil des personnes handicapées", place="south")
    assert broader(SPACE, parse("enfants handicapés"), {}) == [("handicapés", 1), ("enfants", 1)]
    assert broader(SPACE, parse("enfants handicapés"), {"place": ["north"]}) == [("enfants", 1)]
    assert broader(SPACE, parse('"enfants sortie"'), {}) == [("enfants sortie", 1)]
    assert broader(SPACE, parse("zzz"), {}) == []
