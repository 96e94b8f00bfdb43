"""A form's token serves its own gesture: sent by another form, it begins another sheet, and writes over nothing."""

import pytest

from tests.factories import NetworkFactory
from tests.sheets import WHOLE, write
from tisserand.actions.models import Action, CallAnswer
from tisserand.actions.operations.calls import ask_network, begin_answer
from tisserand.actions.operations.life import begin_sheet, publish, submit
from tisserand.actions.operations.lineage import take_up
from tisserand.actions.operations.sheets import fill
from tisserand.actions.vocabulary import Vocabulary
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db
TOKEN = "a" * 32


@pytest.fixture
def published(network, structure, writer, staff):
    """A sheet that the network has read, begun with the token."""
    sheet = begin_sheet(actor=writer, network=network, structure=structure, title="Jardin", token=TOKEN)
    write(writer, sheet, **WHOLE)
    return publish(actor=staff, action=submit(actor=writer, action=sheet))


def test_taking_up_with_the_token_of_a_public_sheet_leaves_it_as_it_was_read(
    published, make_action, network, structure, writer
):
    original = make_action(title="Ailleurs", summary="Une autre idée.")
    copy = take_up(actor=writer, action=original, network=network, structure=structure, title="Pris", token=TOKEN)
    published.refresh_from_db()
    assert copy != published
    assert (published.title, published.summary) == ("Jardin", WHOLE["summary"])


def test_one_token_takes_up_two_sheets_apart(make_action, network, structure, writer):
    made = {
        take_up(actor=writer, action=one, network=network, structure=structure, title="Pris", token=TOKEN)
        for one in (make_action(title="Un"), make_action(title="Deux"))
    }
    assert len(made) == 2


def test_answering_with_the_token_of_a_draft_of_another_network_ties_nothing(structure, network, writer):
    elsewhere = NetworkFactory()
    structure.networks.add(elsewhere, through_defaults={"starts": "2026-01-01"})
    grant_role(actor=SYSTEM, user=writer, network=elsewhere, structure=structure, kind="member")
    draft = begin_sheet(actor=writer, network=network, structure=structure, title="Ici", token=TOKEN)
    call = ask_network(actor=SYSTEM, network=elsewhere, structure=None, question="Qui ?", token="q")
    sheet = begin_answer(actor=writer, call=call, structure=structure, title="Là-bas", token=TOKEN)
    assert sheet != draft
    assert sheet.network == elsewhere
    assert CallAnswer.objects.get().action == sheet
    again = begin_answer(actor=writer, call=call, structure=structure, title="Là-bas", token=TOKEN)
    assert again == sheet
    assert Action.objects.count() == 2


def test_each_structure_begins_its_own(network, structure, writer, make_action):
    other = make_action().structure
    grant_role(actor=SYSTEM, user=writer, network=network, structure=other, kind="member")
    here, there = (
        begin_sheet(actor=writer, network=network, structure=one, title="Jardin", token=TOKEN)
        for one in (structure, other)
    )
    assert (here.structure, there.structure) == (structure, other)


def test_what_is_kept_is_never_filled_again(draft, network):
    with pytest.raises(AssertionError):
        fill(draft, {"title": "Autre"}, Vocabulary(network))
