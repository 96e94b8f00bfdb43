"""The reader of facts in French free text."""

import hashlib
import json
import re
import time
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tisserand.actions.facts import Fact, find_facts

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "actions-extrait.txt"
ANNOTATIONS = Path(__file__).with_name("facts_extract.json")

# Written before the reader: (field, text, expected facts as "kind low[-high][/period]").
FIRST: tuple[tuple[str, str, str], ...] = (
    ("people", "3 animatrices, une directrice et 25 mamans", "people 3; people 1; people 25"),
    ("people", "Deux animateurs référents et 4-5 apprenants par séance", "people 2; people 4-5/session"),
    ("people", "Bénévoles : 12\nSalariés : 3 (dont 1 en service civique)", "people 12; people 3; people 1"),
    ("people", "12", "people 12"),
    ("people", "Environ 40.", "people 40"),
    ("people", "une quinzaine", "people 15"),
    ("people", "8 (dont 3 bénévoles)", "people 8; people 3"),
    ("people", "2016", ""),
    ("people", "0,5 ETP de coordination et 2 services civiques", "people 2"),
    ("people", "1 référente famille, 1 CESF et 2 stagiaires", "people 1; people 1; people 2"),
    ("people", "10 à 12 adhérent·e·s, un intervenant", "people 10-12; people 1"),
    ("people", "5 animateurs/trices et une trentaine d'habitant(e)s", "people 5; people 30"),
    ("people", "entre 15 et 20 participant.e.s selon les ateliers", "people 15-20"),
    ("people", "2 profesionnels, 6 benevoles et 1 intervenante exterieure", "people 2; people 6; people 1"),
    ("people", "L'équipe du centre au complet", ""),
    ("people", "20/25 jeunes le mercredi, 3 adultes", "people 20-25; people 3"),
    ("people", "Permanence au 01 64 00 12 34, 2 agents d'accueil", "people 2"),
    ("people", "1) les parents 2) les enfants", ""),
    ("people", "plus de 1 200 visiteurs sur les 3 jours", "people 1200"),
    ("summary", "Un habitant a proposé de rouvrir le jardin avec une voisine.", ""),
    ("summary", "Vingt et un jeunes de 16 à 25 ans ont suivi 12 séances de 2 h.", "people 21"),
    ("summary", "Le 17 mai 2017, 130 personnes ont partagé le repas.", "people 130"),
    ("summary", "60 % des usagers viennent du quartier, soit un habitant sur trois.", ""),
    ("summary", "Depuis 2014, 3 activités par semaine, 10 ateliers et 2 mois de vacances.", ""),
    ("summary", "Un groupe de neuf femmes se réunit une fois par semaine.", "people 9"),
    ("summary", "Une animatrice et deux bénévoles tiennent l'accueil.", "people 1; people 2"),
    ("summary", "Près de quatre-vingts personnes âgées sont visitées à domicile.", "people 80"),
    ("summary", "Le 1er atelier a réuni une bonne vingtaine de papas.", "people 20"),
    ("summary", "La salle B12 accueille 3 nouvelles bénévoles, 2e étage.", "people 3"),
    ("summary", "25 participations pour 14 familles ; 6 sorties.", ""),
    ("summary", "Les 11-17 ans et les plus de 60 ans se retrouvent autour de 4 jeux.", ""),
    ("funding", "CAF : 3 000€, Ville : 1 850,50 euros", "money 3000; money 1850.50"),
    ("funding", "1,5 k€ de la fondation et 12 000 € du département", "money 1500; money 12000"),
    ("funding", "entre 150 et 200 euros par séance", "money 150-200/session"),
    ("funding", "Coût : 300€ par famille, 5 € par adulte et par sortie", "money 300; money 5/session"),
    ("funding", "Subvention annuelle de 4\u202f500\u00a0€ (Région)", "money 4500/year"),
    ("funding", "Achat de 3 tablettes à 249,90 € et de 10 livres", "money 249.90"),
    ("funding", "Une centaine d'euros de goûters, 60 €/mois de transport", "money 100; money 60/month"),
    ("funding", "Budget 2018 : 7200 euros par an, dont 20€ à 30€ par repas", "money 7200/year; money 20-30"),
    ("funding", "Mise à disposition d'une salle, 0,2 ETP, 35 % de prise en charge", ""),
    ("funding", "Financement REAAP 2 300 € ; autofinancement 1.500 €", "money 2300; money 1500"),
    ("funding", "deux mille euros et 12 bénévoles", "money 2000; people 12"),
)


def _expected(spec: str) -> Counter[tuple[str, ...]]:
    """Parse "people 4-5/session; money 300" into counted (kind, low, high, period)."""
    facts: Counter[tuple[str, ...]] = Counter()
    for part in filter(None, spec.split("; ")):
        kind, _, rest = part.partition(" ")
        bounds, _, period = rest.partition("/")
        low, _, high = bounds.partition("-")
        facts[kind, str(Decimal(low)), str(Decimal(high or low)), period] += 1
    return facts


def _found(facts: list[Fact]) -> Counter[tuple[str, ...]]:
    return Counter((f.kind, f"{f.low:f}", f"{f.high:f}", f.period) for f in facts)


def _normal(counts: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    return Counter(
        {
            (k, f"{Decimal(lo).normalize():f}", f"{Decimal(hi).normalize():f}", p): n
            for (k, lo, hi, p), n in counts.items()
        }
    )


def score(passages: tuple[tuple[str, str, str], ...]) -> tuple[float, float]:
    """Return precision and recall over passages; a match agrees on kind, bounds and period."""
    matched = found_total = expected_total = 0
    for field, text, spec in passages:
        found, expected = _normal(_found(find_facts(text, field=field))), _normal(_expected(spec))
        if found != expected:
            print(f"{field}: {text!r}\n   missed {dict(expected - found)}\n   wrong {dict(found - expected)}")
        matched += (found & expected).total()
        found_total += found.total()
        expected_total += expected.total()
    return matched / found_total, matched / expected_total
