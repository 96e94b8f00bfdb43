"""What the network asks of a sheet: by whom, when, what becomes of it; never in the journal."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from tests.factories import StructureFactory
from tests.sheets import WHOLE, ask, person, write
from tisserand.actions.models import Remark
from tisserand.actions.operations.life import begin_sheet, publish, rewrite, send_back, submit, take_back
from tisserand.actions.operations.remarks import (
    LONGEST,
    add_remark,
    change_remark,
    reopen_remark,
    settle_remark,
    withdraw_remark,
)
from tisserand.actions.queries import remarks_seen_by
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db


def verbs() -> list[str]:
    return list(JournalEntry.objects.filter(verb__contains="remark").order_by("pk").values_list("verb", flat=True))


def test_a_form_sent_twice_asks_once(proposed, staff):
    asked = [
        add_remark(actor=staff, action=proposed, field="summary", text="Pour qui ?", token="a" * 32) for _ in range(2)
    ]
    assert asked[0] == asked[1] == Remark.objects.get()
    assert verbs() == ["actions.remarked"]


def test_a_form_sent_again_by_the_browser_s_arrow_may_ask_something_else(proposed, staff, admin):
    for actor, text in ((staff, "Pour qui ?"), (staff, "Et pour quoi ?"), (admin, "Pour qui ?")):
        add_remark(actor=actor, action=proposed, field="", text=text, token="a" * 32)
    assert Remark.objects.count() == 3


def test_the_token_of_another_sheet_s_form_asks_here_too(proposed, staff, network, structure, writer):
    other = begin_sheet(actor=writer, network=network, structure=structure, title="Autre", token="b")
    write(writer, other, **WHOLE)
    submit(actor=writer, action=other)
    for sheet in (proposed, other):
        asked = add_remark(actor=staff, action=sheet, field="", text="Pour qui ?", token="a" * 3000)
        assert asked.action == sheet


@pytest.mark.parametrize(
    ("field", "text"),
    [("summary", "  "), ("summary", "x" * (LONGEST + 1)), ("summary", "x\0"), ("structure", "X"), ("inconnue", "X")],
)
def test_what_cannot_be_asked_is_told(proposed, staff, field, text):
    with pytest.raises(ValidationError):
        add_remark(actor=staff, action=proposed, field=field, text=text, token="a")
    assert not Remark.objects.exists()


def test_only_the_network_asks_and_only_of_what_was_proposed(draft, public, proposed, writer, stranger, staff):
    for actor in (writer, stranger):
        with pytest.raises(PermissionDenied):
            ask(actor, proposed)
    with pytest.raises(PermissionDenied):
        ask(staff, public)
    take_back(actor=writer, action=proposed)
    with pytest.raises(PermissionDenied):
        ask(staff, proposed)


def test_its_author_changes_it_and_takes_it_away(proposed, staff, admin, writer):
    remark = ask(staff, proposed)
    for other in (admin, writer):
        with pytest.raises(PermissionDenied):
            change_remark(actor=other, remark=remark, text="Autre chose")
        with pytest.raises(PermissionDenied):
            withdraw_remark(actor=other, remark=remark)
    for _twice in range(2):
        assert change_remark(actor=staff, remark=remark, text=" Dites à qui. ").text == "Dites à qui."
    for _twice in range(2):
        withdraw_remark(actor=staff, remark=remark)
    assert not Remark.objects.exists()
    assert verbs() == ["actions.remarked", "actions.remark_changed", "actions.remark_withdrawn"]
    for gesture in (
        lambda: change_remark(actor=staff, remark=remark, text="X"),
        lambda: settle_remark(actor=staff, remark=remark),
    ):
        with pytest.raises(Http404):
            gesture()


def test_who_left_the_team_changes_nothing_any_more(proposed, staff):
    remark = ask(staff, proposed)
    staff.roles.all().delete()
    with pytest.raises(PermissionDenied):
        change_remark(actor=staff, remark=remark, text="Autre")


def test_it_is_taken_up_and_opened_again(proposed, staff, writer):
    remark = ask(staff, proposed)
    with pytest.raises(PermissionDenied):  # the network is reading
        settle_remark(actor=writer, remark=remark)
    send_back(actor=staff, action=proposed)
    remark.refresh_from_db()
    first = settle_remark(actor=writer, remark=remark)
    assert settle_remark(actor=staff, remark=remark).settled_by == first.settled_by == writer
    with pytest.raises(PermissionDenied, match="reprise"):
        change_remark(actor=staff, remark=remark, text="Trop tard")
    for _twice in range(2):
        assert reopen_remark(actor=writer, remark=remark).settled_at is None
    assert verbs() == ["actions.remarked", "actions.remark_settled", "actions.remark_reopened"]
    assert "Dites pour qui" not in str(list(JournalEntry.objects.values_list("data", flat=True)))


def test_another_structure_takes_up_nothing(proposed, staff, network, stranger):
    remark = ask(staff, proposed)
    send_back(actor=staff, action=proposed)
    remark.refresh_from_db()
    elsewhere = person(network, StructureFactory(network=network), "director")
    for actor in (elsewhere, stranger):
        assert not remarks_seen_by(actor, proposed).exists()
        for gesture in (settle_remark, reopen_remark):
            with pytest.raises(PermissionDenied):
                gesture(actor=actor, remark=remark)


def test_once_public_nothing_is_opened_again(proposed, staff, writer):
    remark = ask(staff, proposed)
    publish(actor=staff, action=proposed)
    for gesture in (
        lambda: reopen_remark(actor=staff, remark=remark),
        lambda: withdraw_remark(actor=staff, remark=remark),
    ):
        with pytest.raises(PermissionDenied):
            gesture()


def test_those_of_a_rewriting_stay_with_the_sheet_that_it_becomes(public, staff, writer):
    copy = submit(actor=writer, action=rewrite(actor=writer, action=public))
    remark = ask(staff, copy)
    publish(actor=staff, action=copy)
    remark.refresh_from_db()
    assert (remark.action, remark.settled_by) == (public, staff)


def test_what_the_network_writes_while_it_reads_is_its_own_until_it_answers(proposed, staff, writer):
    first = ask(staff, proposed)
    assert list(remarks_seen_by(staff, proposed)) == [first]
    assert not remarks_seen_by(writer, proposed).exists()
    proposed = send_back(actor=staff, action=proposed)
    assert list(remarks_seen_by(writer, proposed)) == [first]
    proposed = submit(actor=writer, action=proposed)
    second = ask(staff, proposed, "description")
    assert list(remarks_seen_by(writer, proposed)) == [first]
    assert list(remarks_seen_by(staff, proposed)) == [first, second]
