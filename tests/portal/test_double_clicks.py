"""A double click is one click, for every form that begins something: fifty posts of one page, all at once."""

import re
import threading
from datetime import date
from io import BytesIO

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from tests.deposits import picture
from tests.factories import ActionFactory, StructureFactory
from tests.sheets import WHOLE, person, write
from tests.texts import GARDEN_VALUES
from tisserand.actions.models import Action, Attachment, Remark, SheetCall
from tisserand.messages.models import Message
from tisserand.network.links import invitation_address
from tisserand.network.models import Agreement, StructureMerge
from tisserand.network.operations import accept_invitation, erase_account, invite
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db(transaction=True)
CLICKS = 50


def clicked(user, address: str, marker: str, *, file: bytes = b"", **values) -> list[int]:
    """What fifty clicks at once on the form that holds *marker* are answered, after the page that follows."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    page = client.get(address).content.decode()
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
    form = next(form for form in forms if marker in form)
    held = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    together, answers = threading.Barrier(CLICKS), []

    def click() -> None:
        browser = Client(raise_request_exception=False)
        browser.cookies = client.cookies.copy()
        sent = {"deposit": BytesIO(file)} if file else {}
        for upload in sent.values():
            upload.name = "toile.jpg"
        together.wait(30)
        try:
            answers.append(browser.post(address, held | values | sent).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _n in range(CLICKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def lines(verb: str) -> int:
    return JournalEntry.objects.filter(verb=verb).count()


def test_a_sheet_is_begun_once(writer):
    assert clicked(writer, reverse("sheet-begin"), 'name="title"', title="Jardin") == [302] * CLICKS
    assert Action.objects.count() == lines("actions.begun") == 1


def test_a_sheet_is_taken_up_once(writer, network):
    original = ActionFactory(network=network, structure=StructureFactory(network=network), **GARDEN_VALUES)
    address = reverse("action-take-up", args=[original.pk])
    assert clicked(writer, address, 'name="title"', title="Le nôtre") == [302] * CLICKS
    assert original.inspired.count() == lines("actions.taken_up") == 1


def test_a_sheet_is_proposed_once(writer, staff, draft):
    write(writer, draft, **WHOLE)
    assert clicked(writer, reverse("sheet-propose", args=[draft.pk]), "csrf") == [302] * CLICKS
    assert lines("actions.submitted") == Message.objects.filter(kind="actions.proposed").count() == 1


def test_a_remark_is_made_once(staff, proposed):
    address = reverse("review", args=[proposed.pk])
    answers = clicked(staff, address, 'value="summary"', do="remark", field="summary", text="Pour qui ?")
    assert answers == [302] * CLICKS
    assert Remark.objects.count() == lines("actions.remarked") == 1


def test_a_sheet_is_published_once(staff, proposed):
    address = reverse("review", args=[proposed.pk])
    assert clicked(staff, address, 'value="publish"', do="publish") == [302] * CLICKS
    assert lines("actions.published") == Message.objects.filter(kind="actions.answered").count() == 1


def test_a_picture_is_kept_once(writer, draft):
    address = reverse("attachments", args=[draft.pk])
    assert clicked(writer, address, "multipart/form-data", file=picture()) == [302] * CLICKS
    assert Attachment.objects.count() == lines("actions.attached") == 1


def test_an_agreement_is_signed_once(staff, structure):
    values = {"new-label": "Charte", "new-signed_on": date(2026, 1, 5), "new-starts": date(2026, 1, 5), "new-ends": ""}
    answers = clicked(staff, reverse("ties", args=[structure.slug]), 'name="new-label"', form="agreement", **values)
    assert answers == [302] * CLICKS
    assert Agreement.objects.count() == lines("network.agreement_signed") == 1


def test_a_call_is_made_once(writer):
    answers = clicked(writer, reverse("call-ask"), 'name="question"', question="Qui fait un jardin ?")
    assert answers == [302] * CLICKS
    assert SheetCall.objects.count() == 1


def test_two_structures_are_joined_once(staff, structure, network):
    double = StructureFactory(network=network)
    address = reverse("structure-merge", args=[structure.slug], query={"avec": double.slug})
    assert clicked(staff, address, 'name="avec"') == [302] * CLICKS
    assert StructureMerge.objects.count() == lines("network.structures_merged") == 1


def test_an_account_that_goes_meanwhile_is_told_in_words(network, structure, monkeypatch):
    """Erased between the page and the gesture: the invitation went too, or says what to do now."""
    user = person(network, structure)
    invitation, _new = invite(actor=SYSTEM, network=network, kind="reader", email=user.email)
    client = Client()
    client.force_login(user)

    def too_late(**arguments):
        erase_account(actor=SYSTEM, user=user)
        return accept_invitation(**arguments)

    monkeypatch.setattr("tisserand.network.views.invitations.accept_invitation", too_late)
    address = invitation_address(invitation)
    assert client.post(address).status_code == 404
    assert client.get(address).status_code == 404
