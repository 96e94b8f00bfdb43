"""Reading the published text: every field, whatever the free text holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.texts import GARDEN, LABELS, LISTS, VALUES, published
from tisserand.actions.imports.published_text import choose_labels, read_published_text
from tisserand.actions.imports.records import FileRefused, Record
from tisserand.common.text import split_lines


def read(text: str) -> list[Record]:
    return list(read_published_text(iter(text.removesuffix("\n").split("\n")), [], ends_whole=text.endswith("\n")))


def expected(sheet: dict, key: str):
    if key in LISTS:
        return sheet.get(key, [])
    if key in VALUES:
        return [sheet[key]] if sheet.get(key) else []
    return sheet.get(key, "")


def test_every_field_of_a_sheet():
    (record,) = read(published(GARDEN))
    assert record.title == GARDEN["title"]
    assert (record.fields["structure"], record.fields["department"]) == ("Centre social La Navette", "Ardennes")
    for key in set(LABELS) - {"territory_again", "ended_reason", "initiator_detail"}:
        assert record.fields[key] == expected(GARDEN, key), key
    assert record.extras == []
    assert record.messages == []


def test_absent_labels_are_not_empty_fields():
    (record,) = read(published(GARDEN, absent={"funding", "public", "files", "territory_again"}))
    assert "funding" not in record.fields
    assert "public" not in record.fields
    assert record.fields["people"] == GARDEN["people"]


@pytest.mark.parametrize(
    "line",
    [
        "- Public", "- Dimension", "- Résumé", "- Territoire concerné", "- Description générale", "Actions", "-",
        "- Statut de l'action", "- Mots clés associés à l'action", "- Fichier(s) associé(s)", "- Structure organisatrice",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["summary", "objectives", "description", "people", "limits"])
def test_free_text_may_hold_any_line_of_the_format(key, line):
    text = f"Avant.\n{line}\nAprès, une phrase ordinaire."
    sheet = GARDEN | {key: text}
    record, following = read(published(sheet, GARDEN | {"title": "Un autre"}))
    for other in set(LABELS) - {"territory_again", "ended_reason", "initiator_detail"}:
        assert record.fields[other] == expected(sheet, other), other
    assert following.title == "Un autre"


def test_free_text_may_hold_actions_then_a_title_like_line():
    sheet = GARDEN | {"objectives": "Trois temps :\nActions\nLe jeudi\nBilan", "perspectives": "Encore\nActions"}
    first, second = read(published(sheet, GARDEN | {"title": "Suivante"}))
    assert first.fields["objectives"] == sheet["objectives"]
    assert first.fields["perspectives"] == "Encore\nActions"
    assert second.title == "Suivante"


def test_a_table_flattened_to_one_cell_a_line():
    table = "Lieu\nDate\nNombre\nBrévy\n12/03\n14\nPort-Ancy\n19/03\n- 9"
    (record,) = read(published(GARDEN | {"people": table}))
    assert record.fields["people"] == table


def test_a_title_may_be_the_word_actions():
    (record,) = read(published(GARDEN | {"title": "Actions"}))
    assert record.title == "Actions"


def test_several_values_where_one_is_expected():
    text = published(GARDEN).replace("- Public\n- Tous publics", "- Public\n- Adultes\n- Seniors")
    (record,) = read(text)
    assert record.fields["public"] == ["Adultes", "Seniors"]


def test_an_unknown_block_is_kept_apart():
    text = published(GARDEN).replace("- Services\n", "- Services\n- Budget\n1200 euros\n")
    (record,) = read(text)
    assert record.fields["dimension"] == ["Services"]
    assert record.extras == [{"label": "Dimension", "after": "dimension", "text": "- Budget\n1200 euros"}]
    assert record.messages[0].level == "warning"


def test_a_second_territory_that_differs_is_kept_apart():
    text = published(GARDEN)
    head, tail = text.rsplit("- Territoire concerné\n- Un quartier", 1)
    (record,) = read(head + "- Territoire concerné\n- Une commune" + tail)
    assert record.fields["territory"] == ["Un quartier"]
    assert record.extras[0]["text"] == "- Une commune"


def test_attached_files_are_kept_apart():
    text = published(GARDEN).replace("- Fichier(s) associé(s)\n", "- Fichier(s) associé(s)\n- affiche.pdf\n")
    (record,) = read(text)
    assert record.extras == [{"label": "Fichier(s) associé(s)", "after": "files", "text": "- affiche.pdf"}]


@pytest.mark.parametrize(
    ("line", "name", "department"),
    [
        ("- MJC - Centre social Bel Air - Aisne", "MJC - Centre social Bel Air", "Aisne"),
        ("- Centre sans département", "Centre sans département", ""),
        ("- Saint-Aubrelle - Val-d'Oise", "Saint-Aubrelle", "Val-d'Oise"),
    ],
)
def test_structure_and_department_share_a_line(line, name, department):
    text = published(GARDEN).replace("- Centre social La Navette - Ardennes", line)
    (record,) = read(text)
    assert (record.fields["structure"], record.fields["department"]) == (name, department)


def test_blank_lines_between_sheets_belong_to_neither():
    text = published(GARDEN).rstrip("\n") + "\n\n\n" + published(GARDEN | {"title": "B"}, header=False)
    first, second = read(text)
    assert first.fields["perspectives"] == GARDEN["perspectives"]
    assert second.title == "B"


def test_a_sheet_without_title_or_structure_is_rejected():
    text = published(GARDEN, GARDEN | {"title": "B"})
    bare, other = read(text.replace(f"Actions\n{GARDEN['title']}\n", "Actions\n", 1))
    assert bare.rejected
    assert bare.messages[0].line == 2
    assert not other.rejected
    nameless = text.replace("- Centre social La Navette - Ardennes\n", "", 1)
    assert read(nameless)[0].rejected


def test_a_file_cut_in_a_label_or_before_the_end_rejects_its_last_sheet():
    text = published(GARDEN, GARDEN | {"title": "B"}, GARDEN | {"title": "C"})
    for cut in (text[: text.rindex("- Suite de l'action") + 15], text[: text.rindex("- Résultat pour les") + 40]):
        *whole, last = read(cut)
        assert [record.rejected for record in whole] == [False, False]
        assert last.rejected
        assert last.messages[-1].line == cut.count("\n") + 1


def test_text_without_any_sheet_is_refused():
    with pytest.raises(FileRefused, match="Aucune fiche"):
        read("Bonjour\nceci n'est pas un catalogue\n")


def test_a_sheet_without_end_is_refused():
    with pytest.raises(FileRefused, match="pas de fin"):
        read(published(GARDEN) + "encore\n" * 20_001)


def test_choosing_labels_stays_quick_on_hostile_text():
    body = ["- Public", "- Dimension", "- Résumé", "x"] * 4_000
    assert len(choose_labels(body)) <= 22


line = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x00"), max_size=40).map(
    lambda text: "".join(split_lines(text))
)
free_text = st.lists(line.filter(lambda text: text.strip() and not text.startswith("-")), max_size=4).map("\n".join)


@given(
    st.fixed_dictionaries(dict.fromkeys(set(LABELS) - LISTS - VALUES - {"ended_reason", "initiator_detail"}, free_text))
)
@settings(deadline=None)
def test_any_free_text_comes_back(texts):
    sheet = GARDEN | texts
    (record,) = read(published(sheet))
    for key, text in texts.items():
        assert record.fields[key] == text
