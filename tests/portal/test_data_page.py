"""What is kept about people is told field by field, in French and by its name in the code, on any screen."""

import pytest

from tisserand.common.typography import typo
from tisserand.privacy.registry import rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client) -> str:
    return client.get("/donnees/").content.decode()


def test_each_field_is_told_in_words_and_by_its_code_name(page):
    declared = [(model.model.__name__, name, one) for model in rules().values() for name, one in model.personal.items()]
    assert len(declared) > 20
    for model, name, one in declared:
        assert f"{typo(str(one.name))} <code>{model}.{name}</code>" in page


def test_each_kind_of_data_is_told_once(page):
    headings = [part.split("<")[0] for part in page.split('<th scope="rowgroup" colspan="4">')[1:]]
    assert "Textes des fiches" in headings
    assert len(headings) == len(set(headings))


def test_nothing_is_left_out_on_a_phone(page):
    table = page.split("<table")[1].split("</table>")[0]
    assert 'class="wide"' not in table
    assert table.count("<td data-label=") == table.count("<td") > 0
