"""What the engine does to words before any format sees them."""

from datetime import date

import pytest
from django.utils.functional import lazystr

from tisserand.documents.text import plain, printable, typographed


def test_control_characters_become_spaces_and_line_ends_one_kind() -> None:
    assert printable("a\x00b\x1bc\ud800d\ufffee\tf") == "a b c d e f"
    assert printable("\ufeffa\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"


def test_plain_makes_lists_and_strings_of_tuples_and_lazy_words() -> None:
    assert plain({"a": ("x\x07", 1, None, True, 2.5), "b": lazystr("mot")}) == {
        "a": ["x ", 1, None, True, 2.5],
        "b": "mot",
    }


def test_plain_names_the_place_of_what_it_refuses() -> None:
    with pytest.raises(TypeError, match=r"data\.rail\[0\]\.values holds a date"):
        plain({"rail": [{"values": date(2026, 1, 1)}]})


def test_french_is_spaced_but_addresses_and_codes_are_not() -> None:
    data = {
        "lang": "fr",
        "address": "https://x.example/a?b=1",
        "text": "l'eau ? https://x.example/l'a?b=1 !",
        "kind": "a ?",
    }
    spaced = typographed(data)
    assert spaced["text"].startswith("l’eau\u202f? https://x.example/l'a?b=1")
    assert (spaced["address"], spaced["kind"]) == (data["address"], data["kind"])


def test_other_languages_keep_their_own_spacing() -> None:
    assert typographed({"lang": "en", "text": "Don't ?"})["text"] == "Don't ?"


def test_the_data_given_is_never_changed() -> None:
    data = {"lang": "fr", "rail": [{"label": "l'eau", "values": ["n° 1"]}]}
    typographed(data)
    assert data["rail"] == [{"label": "l'eau", "values": ["n° 1"]}]
