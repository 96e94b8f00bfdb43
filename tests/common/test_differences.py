"""Words that differ stand out: heard, seen without colour, and nothing of the texts is lost or run."""

import re

import pytest

from tests.endless import must_end
from tisserand.common.differences import differences, differences_of_lists


def plain(html: str) -> str:
    return re.sub(r'<span class="sr">[^<]*</span>|</?(?:del|ins|strong)>', "", html)


def marked(html: str) -> list[str]:
    return re.findall(r"<(?:del|ins|strong)>(.*?)</", re.sub(r'<span class="sr">[^<]*</span>', "", html))


def test_only_the_words_that_differ_are_marked():
    before, after = differences("On jardine le mardi avec douze voisins.", "On jardine le jeudi avec quinze voisins.")
    assert marked(before) == ["mardi", "douze"]
    assert marked(after) == ["jeudi", "quinze"]
    assert plain(before) == "On jardine le mardi avec douze voisins."


def test_a_difference_is_heard():
    before, after = differences("Le mardi.", "Le jeudi.")
    assert '<del><span class="sr">[retiré :] </span>mardi.</del>' in before.replace("\u00a0", " ")
    assert '<ins><span class="sr">[ajouté :] </span>jeudi.</ins>' in after.replace("\u00a0", " ")


def test_what_replaces_nothing_is_only_set_in_bold():
    before, after = differences("Le mardi soir", "Le jeudi soir", change=False)
    assert (before, after) == ("Le <strong>mardi</strong> soir", "Le <strong>jeudi</strong> soir")


def test_texts_with_little_in_common_are_told_plainly():
    assert differences("Le mardi soir", "Un jour de mai", change=False) == ("Le mardi soir", "Un jour de mai")


def test_a_small_word_between_two_differences_is_part_of_them():
    assert marked(differences("Le bal de mai", "Le repas de juin")[0]) == ["bal de mai"]


def test_long_passages_are_folded_around_the_differences():
    words = [f"mot{n}" for n in range(60)]
    before, _after = differences(" ".join(words), " ".join([*words[:30], "autre", *words[31:]]))
    assert plain(before) == f"… {' '.join(words[22:39])} …"
    assert marked(before) == ["mot30"]


def test_the_middle_between_two_differences_is_folded_too():
    words = [f"mot{n}" for n in range(60)]
    _before, after = differences(" ".join(words), " ".join(["un", *words[1:-1], "deux"]))
    assert plain(after) == f"un {' '.join(words[1:9])} … {' '.join(words[51:59])} deux"


def test_a_number_with_spaces_is_one_word():
    assert marked(differences("il faut 2 100 € par an", "il faut 2 300 € par an")[0]) == ["2\u202f100"]


def test_a_line_that_is_cut_shows():
    assert marked(differences("Un pain, un vin", "Un pain,\nun vin")[1]) == ["↵"]
    assert "↵" not in differences("Un pain, un vin", "Un sel,\nun vin")[1]


@pytest.mark.parametrize("html", ["<script>alert(1)</script>", "<b>gras</b> & co"])
def test_markup_is_text(html):
    for before, after in (differences(f"a {html}", "a b"), differences_of_lists([html], ["b"])):
        assert "<script" not in before + after
        assert "<b>" not in before + after


def test_an_empty_side_is_empty():
    before, after = differences("", "Tout est neuf")
    assert before == ""
    assert marked(after) == ["Tout est neuf"]


def test_lists_have_no_order():
    before, after = differences_of_lists(["Culture", "Santé"], ["Santé", "Insertion"])
    assert marked(before) == ["Culture"]
    assert marked(after) == ["Insertion"]


def test_long_texts_are_compared_to_their_end():
    before = "de la " * 20_000 + "x " + "et du " * 20_000
    after = "de la " * 20_000 + "y z " * 900 + "et du " * 20_000
    with must_end():
        differences(before, after)
        differences("a b c d " * 350, "d c b a " * 350)
