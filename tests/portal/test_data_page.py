"""What is kept about people is told in French, each field by its name, on any screen."""

import pytest

from tisserand.common.typography import typo
from tisserand.privacy.registry import retentions, rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client) -> str:
    return client.get("/donnees/").content.decode()


def test_each_field_is_told_with_why_how_long_and_who_reads_it(page):
    told = [model for model in rules().values() if model.personal]
    assert len(told) > 10
    for model in told:
        row = page.split(f'<th scope="row">{typo(str(model.label))}\n', 1)[1].split("</tr>")[0]
        assert typo(model.readers()) in row.replace("&#x27;", "’")
        for one in model.personal.values():
            for word in (one.name, one.why, one.kept):
                assert typo(str(word)) in row.replace("&#x27;", "’"), word


def test_each_kind_of_data_is_told_once_and_without_names_of_the_code(page):
    names = [part.split("\n")[0] for part in page.split('<th scope="row">')[1:]]
    assert "Textes des fiches" in names
    assert len(names) == len(set(names))
    assert "<code>" not in page


def test_what_goes_by_itself_is_told(page):
    for one in retentions():
        assert typo(str(one.label)) in page.replace("&#x27;", "’")


def test_nothing_is_left_out_on_a_phone(page):
    table = page.split("<table")[1].split("</table>")[0]
    assert 'class="wide"' not in table
    assert table.count("<td data-label=") == table.count("<td") > 0
