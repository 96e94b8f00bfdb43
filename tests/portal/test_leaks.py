"""What one structure has under way is nobody else's: everyone else walks every address, and no word of it comes out."""

import re
from datetime import timedelta
from itertools import product
from urllib.parse import quote

import pytest
from django.core.management.color import no_style
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.factories import ActionFactory, NetworkFactory, StructureFactory, UserFactory
from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.enums import UNDER_WAY
from tisserand.actions.fields import TEXT_KEYS, mark
from tisserand.actions.guidance import SECTIONS
from tisserand.actions.models import Action, Attachment, CallAnswer, ImportBatch, Remark, SheetCall
from tisserand.actions.operations.calls import answer_call, ask_network, begin_answer
from tisserand.actions.operations.life import archive, begin_sheet, rewrite, send_back, submit
from tisserand.actions.operations.lineage import take_up
from tisserand.actions.operations.remarks import add_remark
from tisserand.actions.operations.writing import write_field
from tisserand.network.enums import RoleKind
from tisserand.network.models import Invitation, Network, Role, Structure, User
from tisserand.network.operations import grant_role, invite
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db
CANARY = "xanthophylle"
BESIDE = "aventurine"  # written beside it: what one searches is shown again, so the canary is not searched
# What addresses name by a number.
NUMBERED = (Action, Attachment, CallAnswer, ImportBatch, Invitation, Remark, Role, SheetCall, User)
LEAVING = {
    "openid_connect_login", "openid_connect_callback", "account_confirm_login_code", "mfa_authenticate",
    "mfa_login_webauthn", "logout", "account_logout", "health",
}  # fmt: skip
FORMATS = ("pdf", "odt", "docx", "csv", "json", "txt")


@pytest.fixture
def _numbered_from_one(db):
    """Every address is tried with every number: they are as few as on a new instance, whatever ran before."""
    columns = [{"table": model._meta.db_table, "column": "id"} for model in (*NUMBERED, Network, Structure)]
    with connection.cursor() as cursor:
        for reset in connection.ops.sequence_reset_by_name_sql(no_style(), columns):
            cursor.execute(reset)


@pytest.fixture
def held(_numbered_from_one, network, structure, make_action, stage) -> int:
    """Sheets in every state but public, remarks, an import, an invitation, all with the canary; the highest number."""
    everywhere = dict.fromkeys(TEXT_KEYS, f"Le {CANARY} {BESIDE}, 12 habitants.")
    for state in ("draft", "submitted", "returned"):
        sheet = begin_sheet(actor=SYSTEM, network=network, structure=structure, title=f"{CANARY} {BESIDE}", token=state)
        for key, text in everywhere.items():
            write_field(actor=SYSTEM, action=sheet, key=key, value=text, base=mark(""))
        if state != "draft":
            submit(actor=SYSTEM, action=sheet)
        if state == "returned":
            add_remark(actor=SYSTEM, action=sheet, field="summary", text=CANARY, token="r")
            send_back(actor=SYSTEM, action=sheet)
    archive(actor=SYSTEM, action=make_action(structure=structure, **(everywhere | {"title": CANARY})))
    copy = rewrite(actor=SYSTEM, action=make_action(structure=structure, **GARDEN_VALUES))
    write_field(actor=SYSTEM, action=copy, key="limits", value=CANARY, base=mark(copy.limits))
    for number, sheet in enumerate(Action.objects.filter(structure=structure)):
        _hang(sheet, number)
    elsewhere = make_action(title="Fiche d'ailleurs", summary="Une idée.")
    take_up(actor=SYSTEM, action=elsewhere, network=network, structure=structure, title=CANARY, token="t")
    call = ask_network(actor=SYSTEM, network=network, structure=None, question="Qui le fait ?", token="q")
    begin_answer(actor=SYSTEM, call=call, structure=structure, title=CANARY, token="b")
    _ask_elsewhere()
    stage(published(GARDEN | {"title": CANARY, "summary": CANARY}), filename=f"{CANARY}.txt")
    invite(actor=SYSTEM, network=network, kind="reader", email=f"{CANARY}@exemple.example")
    highest = max(pk for model in NUMBERED for pk in model.objects.values_list("pk", flat=True))
    assert highest < 40  # every address is tried with each of them
    return highest + 1


def _ask_elsewhere() -> None:
    """A question of a network where none of the walkers works, answered by a public sheet."""
    other = NetworkFactory()
    call = ask_network(actor=SYSTEM, network=other, structure=None, question=CANARY, text=CANARY, token="c")
    sheet = ActionFactory(network=other, title="Fiche d'un autre réseau")
    answer_call(actor=SYSTEM, call=call, action=sheet, text=CANARY)


def _hang(sheet: Action, number: int) -> None:
    """A document and a picture, on what is under way; one that nobody agreed to, on what is public."""
    for rank, agreed in enumerate((True, False)):
        Attachment.objects.create(
            action=sheet,
            key=f"{CANARY}{number}{rank}",
            extension="jpg" if sheet.is_public or agreed else "pdf",
            file=f"attachments/{CANARY}.pdf",
            size=1,
            width=1,
            height=1,
            digest=str(rank),
            title=CANARY,
            alt=CANARY,
            consent_at=None if sheet.is_public or not agreed else timezone.now(),
        )


def patterns(found=None, before=""):
    """Every pattern of the site, but those that log in or out, or tell how the machine is."""
    for one in found or get_resolver().url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern) and one.name not in LEAVING:
            yield before + str(one.pattern)


def addresses(highest: int) -> list[str]:
    """Every address that numbers and formats can make; a word elsewhere is the canary itself."""
    every = []
    for pattern in patterns():
        if "(?P" in pattern or "^" in pattern:
            continue  # of libraries: signed or keyed by a secret
        holes = re.findall(r"<(?:(\w+):)?(\w+)>", pattern)
        choices = [_choices(kind, name, highest) for kind, name in holes]
        if len(holes) == 2 and holes[0][0] == holes[1][0] == "int":
            choices[0] = list(Action.objects.filter(state__in=UNDER_WAY).values_list("pk", flat=True))
        for values in product(*choices):
            address = pattern
            for value in values:
                address = re.sub(r"<[^>]+>", str(value), address, count=1)
            every.append("/" + address)
    return every


def _choices(kind: str, name: str, highest: int) -> list[object]:
    if kind == "int":
        return list(range(1, highest + 1))
    words: dict[str, list[object]] = {"format": [*FORMATS], "step": [section.slug for section in SECTIONS]}
    return words.get(name, [CANARY, "x"])


def reader(network: Network, kind: str, structure=None) -> Client:
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=network, kind=kind, structure=structure)
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


# One of each kind of people who have nothing to do there: a role elsewhere, or here one that does not write.
WALKERS = [
    "visitor", "reader", "stranger", f"elsewhere-{RoleKind.DIRECTOR}", f"here-{RoleKind.REFERENT}",
    f"here-{RoleKind.FUNDER_AGENT}",
]  # fmt: skip


def walker(who: str, network: Network, structure, stranger) -> Client:
    if who == "visitor":
        return Client()
    if who == "stranger":
        client = Client()
        client.force_login(stranger)
        return client
    if who == "reader":
        return reader(network, "reader")
    here, _dash, kind = who.partition("-")
    return reader(network, kind, structure if here == "here" else StructureFactory(network=network))


def body(response) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode("utf-8", "replace") + str(response.headers)


@pytest.mark.parametrize("who", WALKERS)
def test_no_word_of_what_is_under_way_comes_out(who, held, network, structure, stranger):
    client = walker(who, network, structure, stranger)
    asked = [
        *addresses(held),
        *(f"{path}?q={BESIDE}" for path in ("/actions/", "/api/actions", "/structures/", "/actions/export.json")),
        *(f"/actions/export.{kind}" for kind in FORMATS),
    ]
    for address in asked:
        response = client.get(address)
        told = body(response).replace(quote(address), "").replace(address, "")
        assert CANARY not in told.lower(), f"{response.status_code} {address}"
        assert response.status_code < 500, address


def test_the_walk_finds_what_it_looks_for(held, network, structure):
    """Negative control: who writes there, or keeps the network, reads each kind of what `held` makes, by the same walk."""
    every = addresses(held)
    for kind, role, there in (
        ("a sheet", "director", r"/actions/\d+/xanthophylle/"),
        ("its form", "director", r"/equipe/fiches/\d+/ecrire/\w+/"),
        ("its history", "director", r"/actions/\d+/historique/"),
        ("its files", "director", r"/actions/\d+/pieces/"),
        ("its document", "director", r"/actions/\d+/fiche\.odt"),
        ("a remark", "mission", r"/equipe/fiches/\d+/relire/"),
        ("an import", "mission", r"/equipe/imports/\d+/"),
        ("an invitation", "network_admin", r"/equipe/personnes/"),
    ):
        client = reader(network, role, structure if role == "director" else None)
        asked = [address for address in every if re.fullmatch(there, address)]
        assert any(CANARY in body(client.get(address, follow=True)).lower() for address in asked), (kind, asked[:3])


def test_nothing_is_written_by_posting_everywhere(held, network, structure, stranger):
    client = walker("elsewhere-director", network, structure, stranger)
    before = list(Action.objects.filter(structure=structure).order_by("pk").values())
    for address in addresses(held):
        response = client.post(address, {"state": "published", "title": "Pris", "value": "Pris", "key": "summary"})
        assert response.status_code < 500, address
    mine = Action.objects.filter(created_at__gt=timezone.now() - timedelta(minutes=5)).exclude(structure=structure)
    assert list(Action.objects.filter(structure=structure).order_by("pk").values()) == before, mine
