"""Every address, asked by everyone: an address that is not in the table fails."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.deposits import picture
from tests.factories import StructureFactory, UserFactory
from tests.sheets import ask, changed_elsewhere, person
from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.models import Action, Fact, ImportBatch
from tisserand.actions.operations.attachments import attach, describe, look_into, mark_of
from tisserand.actions.operations.figures import freeze_catalogue
from tisserand.actions.operations.life import publish, rewrite, submit
from tisserand.actions.operations.sheets import apply_values
from tisserand.actions.vocabulary import Vocabulary
from tisserand.figures.models import Snapshot
from tisserand.network.links import invitation_address
from tisserand.network.models import Invitation, Role, Structure, User
from tisserand.network.operations import Terms, grant_role, invite, merge_accounts, merge_structures, sign_agreement
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db

PUBLIC = {
    "home", "cloth", "structures", "structure", "figures", "figures-export", "snapshot", "accessibility", "data",
    "login", "catalogue", "feed", "export", "action-short", "action", "action-document", "action-spread", "api-page", "attachment",
    "attachment-small", "openapi-json",
    "list_actions", "read_action", "list_structures",
    "account_login", "account_request_login_code", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_signup", "account_inactive", "account_confirm_email", "invitation",
}  # fmt: skip
# Half-way through a login, and the ways out: a visitor who comes straight is sent to the first page of it, or home.
HALFWAY = {
    "openid_connect_login", "openid_connect_callback", "account_confirm_login_code", "mfa_authenticate", "mfa_login_webauthn",
    "logout", "account_logout",
}  # fmt: skip
# One's own account: whoever is logged in, and nobody else's.
OWN = {
    "account", "mfa_index", "mfa_list_webauthn", "account-name", "account-second-factor", "account-devices",
    "account-data", "account-erase", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_change_password",
    "account_set_password", "account_email", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn",
    "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
}  # fmt: skip
OWN_FORMS = {"account-name", "account-devices", "account-data", "account-erase", "account_change_password"}
# Whoever is logged in has a first page; who writes for a structure writes its sheets and takes up those of others;
# people are seen by the team of a network and by directors.
SEATED = {"staff-home"}
# What a sheet said, whether it still runs: whoever writes it, and the team.
HISTORY = {"action-history", "action-comparison", "action-version", "still-running"}
WRITTEN = {"action-take-up", "attachments", "action-edit", "my-sheets", "sheet-begin", "sheet-write", "sheet-propose"}
WRITTEN_IN = {"attachment-change", "sheet-field", "sheet-presence", "sheet-take-back", "sheet-discard"}
WRITERS = WRITTEN | WRITTEN_IN
HUNG = {"attachment", "attachment-small"}
PEOPLE = {"people", "role-end", "role-resume", "invitation-renew", "invitation-withdraw"}
# Of who administers a network; its team finds nothing there.
ADMINISTERED = {"account-merge", "account-part"}
# The file of a person: for who administers a network where they work, or worked (`tests/network/test_files.py`).
FILES = {"person", "person-find", "register-edit", "network-edit"}
TEAM_READS = {
    "gallery", "imports", "import", "import-progress", "import-report", "sheet-facts",
    "facts", "drafts", "import-cancel", "import-undo", "import-drafts", "import-model",
    "lists", "structure-edit", "figures-freeze", "ties", "agreements", "agreement", "reviews", "review", "review-clashes", "stale", "gaps",
    "structure-merge", "structure-part",
    "register", "register-file",
}  # fmt: skip
TEAM_WRITES = {
    "figures-freeze", "import-settle", "import-confirm", "import-resume", "import-cancel", "import-undo", "action-state",
    "list-change", "import-publish", "review", "review-clashes", "structure-merge", "structure-part",
}  # fmt: skip
OTHERS = {"set_language", "api-root", "message-refusal", "health", "still-running-link"}
# Things of one network: staff of another network is told that they do not exist.
OWNED = {
    "import", "import-progress", "import-report", "action-edit", "sheet-facts", "structure-edit", "import-settle",
    "import-confirm", "import-resume", "import-cancel", "import-undo", "action-state",
    "import-drafts", "import-publish", "ties", "agreement", "review", "review-clashes",
    "structure-merge", "structure-part",
    "sheet-write", "sheet-propose", "sheet-field", "sheet-presence", "sheet-take-back", "sheet-discard",
}  # fmt: skip


def names(patterns=None):
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name


def test_every_address_is_in_the_table():
    assert (
        set(names())
        == PUBLIC
        | HALFWAY
        | OWN
        | SEATED
        | WRITERS
        | HISTORY
        | PEOPLE
        | ADMINISTERED
        | FILES
        | TEAM_READS
        | TEAM_WRITES
        | OTHERS
    )


@pytest.fixture
def addresses(make_action, stage, staff, client):
    structure = Structure.objects.first()
    action = make_action(**GARDEN_VALUES)
    structure = action.structure
    batch = stage(published(GARDEN | {"title": "Autre"}), actor=staff)
    snapshot = freeze_catalogue(actor=staff, network=action.network)
    invitation, _new = invite(actor=SYSTEM, network=action.network, kind="reader", email="ici@exemple.example")
    terms = Terms("Charte", date(2026, 1, 1))
    agreement = sign_agreement(actor=SYSTEM, network=action.network, structure=structure, terms=terms)
    rewriting = rewrite(actor=staff, action=action)
    apply_values(rewriting, {"limits": "Le gel."}, Vocabulary(action.network), by=staff)
    changed_elsewhere(action, limits="Le vent.")
    submit(actor=staff, action=rewriting)
    double = StructureFactory(network=action.network)
    merged = merge_structures(actor=SYSTEM, kept=structure, gone=double)
    persons = [UserFactory(), UserFactory()]
    for user in persons:
        grant_role(actor=SYSTEM, user=user, network=action.network, kind="reader")
    accounts = merge_accounts(actor=SYSTEM, network=action.network, kept=persons[0], gone=persons[1])
    hung = rewrite(actor=staff, action=make_action(structure=structure, **GARDEN_VALUES))
    photo = attach(actor=staff, action=hung, deposit=look_into(BytesIO(picture()), name="x.jpg"))
    describe(actor=staff, attachment=photo, title="", alt="Une toile", credit="", agreed=True, base=mark_of(photo))
    again = rewrite(actor=staff, action=publish(actor=staff, action=hung))
    token = invitation_address(invitation).rstrip("/").rpartition("/")[2]
    arguments = {
        "structure": [structure.slug], "structure-edit": [structure.slug], "figures-export": ["csv"],
        "snapshot": [snapshot.pk], "export": ["csv"], "action-short": [action.pk], "action": [action.pk, "le-jardin-des-remparts"],
        "action-document": [action.pk, "pdf"], "action-spread": [action.pk], "action-take-up": [action.pk], "import": [batch.pk], "import-progress": [batch.pk], "import-report": [batch.pk],
        "action-edit": [action.pk], "action-history": [action.pk], "still-running": [action.pk], "action-comparison": [action.pk], "action-version": [action.pk, 1], "sheet-facts": [action.pk], "import-settle": [batch.pk], "import-confirm": [batch.pk],
        "import-resume": [batch.pk], "import-cancel": [batch.pk], "import-undo": [batch.pk],
        "import-drafts": [batch.pk], "import-model": ["xlsx"], "import-publish": [batch.pk], "action-state": [action.pk], "review": [rewriting.pk], "review-clashes": [rewriting.pk],
        "sheet-write": [rewriting.pk, "action"], **{name: [rewriting.pk] for name in WRITTEN_IN - {"attachment-change"} | {"sheet-propose"}},
        "read_action": [action.pk],
        "structure-merge": [structure.slug], "structure-part": [structure.slug, merged.pk],
        "account-merge": [persons[0].pk], "account-part": [accounts.pk],
        "attachments": [again.pk], "attachment-change": [again.pk, again.attachments.get().pk],
        "attachment": [photo.key], "attachment-small": [photo.key],
        "ties": [structure.slug], "agreement": [agreement.pk], "invitation": [token], "invitation-renew": [invitation.pk], "invitation-withdraw": [invitation.pk],
        "role-end": [staff.roles.get().pk], "person": [staff.pk], "register-file": ["pdf"], "account_confirm_email": ["abc"],
        "account_reset_password_from_key": ["1", "abc-def"], "mfa_edit_webauthn": [1], "mfa_remove_webauthn": [1],
    }  # fmt: skip

    def address(name: str) -> str:
        space = "api:" if name in {"openapi-json", "list_actions", "read_action", "list_structures"} else ""
        return reverse(space + name, args=arguments.get(name, []))

    return address


def read(client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        b"".join(response)
    return response.status_code


def counts() -> tuple[object, ...]:
    return (
        *(model.objects.count() for model in (Action, Fact, ImportBatch, Snapshot)),
        *Action.objects.order_by("pk").values_list("state", "revision"),
        *Role.objects.order_by("pk").values_list("pk", "ends"),
        *Structure.objects.order_by("pk").values_list("pk", "name"),
        *User.objects.order_by("pk").values_list("pk", "is_active"),
        *Invitation.objects.order_by("pk").values_list("nonce", "withdrawn_at", "accepted_at"),
    )


def test_anyone_reads_what_is_public(client, addresses):
    for name in sorted(PUBLIC):
        assert read(client, addresses(name)) in {200, 301}, name


def test_the_team_reads_its_pages(client, addresses, staff):
    client.force_login(staff)
    for name in sorted(TEAM_READS | HISTORY):
        assert read(client, addresses(name)) in {200, 204}, name


def test_who_writes_for_a_structure_opens_its_forms(client, addresses, network):
    client.force_login(person(network, Action.objects.exclude(revises=None).first().structure))
    for name in sorted(WRITTEN - {"action-take-up"}):  # which is for those of another structure
        assert read(client, addresses(name)) in {200, 302}, name


def test_who_has_a_role_has_a_first_page_and_an_account(client, addresses, network, staff):
    for kind in ("reader", "mission"):
        user = UserFactory()
        grant_role(actor=SYSTEM, user=user, network=network, kind=kind)
        client.force_login(user)
        for name in sorted(SEATED | {"account", "account-name", "account-devices", "account-second-factor"}):
            assert read(client, addresses(name)) == 200, name


def test_visitors_are_asked_to_log_in(client, addresses):
    before = counts()
    for name in sorted(TEAM_READS | TEAM_WRITES | SEATED | WRITERS | HISTORY | PEOPLE | ADMINISTERED | FILES | OWN):
        for method in (client.get, client.post):
            response = method(addresses(name))
            assert (response.status_code, response["Location"].split("?")[0]) == (302, "/connexion/"), name
    assert counts() == before


def test_readers_are_refused_and_told_why(client, addresses, network):
    reader = UserFactory()
    grant_role(actor=SYSTEM, user=reader, network=network, kind="reader")
    client.force_login(reader)
    before = counts()
    for name in sorted(ADMINISTERED | TEAM_READS | TEAM_WRITES):
        response = client.post(addresses(name))
        assert response.status_code == 403, name
    assert "permet de lire" in response.content.decode()
    for name in sorted(HISTORY):
        assert client.get(addresses(name)).status_code == 404, name
    for name in sorted(PEOPLE | FILES | WRITERS):
        assert client.post(addresses(name)).status_code in {403, 404, 405}, name
    assert counts() == before


def test_nobody_touches_the_people_of_another_network(client, addresses, stranger):
    client.force_login(stranger)
    before = counts()
    for name in sorted((PEOPLE | {"person"}) - {"people", "role-resume"}):
        assert client.post(addresses(name)).status_code == 404, name
    assert "ici@exemple.example" not in client.get(addresses("people")).content.decode()
    assert counts() == before


def test_only_the_administration_of_a_network_merges_accounts(client, addresses, staff, stranger, admin):
    before = counts()
    for actor in (staff, stranger):
        client.force_login(actor)
        for name in sorted(ADMINISTERED):
            for method in (client.get, client.post):
                assert method(addresses(name)).status_code == 404, name
    client.force_login(admin)
    for name in sorted(ADMINISTERED):
        assert client.get(addresses(name)).status_code == 200, name
    assert counts() == before


def test_the_team_of_another_network_finds_nothing(client, addresses, stranger):
    client.force_login(stranger)
    before = counts()
    for name in sorted(OWNED | HISTORY):
        for method in (client.get, client.post):
            assert method(addresses(name)).status_code in {404, 405}, name
    assert counts() == before


def test_reading_never_writes(client, addresses, staff):
    client.force_login(staff)
    before = counts()
    sent = WRITTEN_IN - {"attachment-change"}
    for name in sorted(TEAM_WRITES - TEAM_READS | sent | PEOPLE - {"people"} | {"person-find"}):
        assert client.get(addresses(name)).status_code == 405, name
    for name in sorted(PUBLIC | TEAM_READS | HISTORY | WRITTEN | SEATED | OWN | {"people"}):
        read(client, addresses(name))
    assert counts() == before


def test_forms_ask_for_their_token(addresses, staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    for name in sorted(TEAM_WRITES | PEOPLE | FILES | WRITERS | ADMINISTERED | OWN_FORMS):
        assert client.post(addresses(name)).status_code == 403, name


def test_every_form_holds_its_token(client, addresses, staff, proposed):
    """A form in a part included apart from the page would lose it, and be refused."""
    ask(staff, proposed)
    client.force_login(staff)
    pages = [addresses(name) for name in sorted(PUBLIC | TEAM_READS | HISTORY | SEATED | OWN | WRITTEN | {"people"})]
    found = 0
    for page in [*pages, reverse("review", args=[proposed.pk])]:
        answer = client.get(page)
        if answer.streaming:
            b"".join(answer)
        if answer.streaming or not answer["Content-Type"].startswith("text/html"):
            continue
        for form in re.findall(r'<form[^>]*method="post".*?</form>', answer.content.decode(), re.DOTALL):
            found += 1
            assert "csrfmiddlewaretoken" in form or "/langue/" in form, (page, form[:200])
    assert found > 100


def test_every_page_carries_its_policy(client, addresses, staff):
    client.force_login(staff)
    for name in sorted(PUBLIC | TEAM_READS | HISTORY | WRITTEN | SEATED | OWN | {"people"}):
        response = client.get(addresses(name))
        if response.streaming:
            b"".join(response)
        policy = response["Content-Security-Policy"]
        assert ("sandbox" if name in HUNG else "default-src 'none'") in policy
        assert "unsafe" not in policy
