"""Load the invented network: structures, sheets, numbers half read, an import waiting."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from tisserand.actions.enums import FactKind, State
from tisserand.actions.models import Action, Fact
from tisserand.actions.operations.attachments import attach, describe, look_into, mark_of
from tisserand.actions.operations.facts import accept_fact, dismiss_fact
from tisserand.actions.operations.figures import freeze_catalogue
from tisserand.actions.operations.imports import apply_import, deposit_import, read_import
from tisserand.actions.operations.life import publish, rewrite
from tisserand.actions.operations.lineage import take_up
from tisserand.actions.operations.sheets import create_action
from tisserand.demo.calls import load_calls
from tisserand.demo.life import load_life, write
from tisserand.demo.pictures import cloth, garden_plan
from tisserand.network.models import Network, Structure, User
from tisserand.network.operations import (
    Terms,
    create_network,
    ensure_structure,
    grant_role,
    invite,
    open_account,
    renew_agreement,
    say_controller,
    sign_agreement,
)
from tisserand.privacy.journal import SYSTEM

DATA = Path(__file__).parent / "data"
PASSWORD = "tisserand-demo"  # noqa: S105 - printed on the screen of a server that answers this machine only

_PLAN = (
    "Un plan dessiné : dix-huit parcelles plantées, deux carrés collectifs, une table et deux bancs, entre deux haies"
)
_CLOTH = "Une nappe tissée, à bandes bleues, jaunes et rouges"

Tell = Callable[[str], None]


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text())


def is_loaded() -> bool:
    """Whether the invented network is already here."""
    return Network.objects.filter(slug=_read("network.json")["slug"]).exists()


def load_demo(tell: Tell = lambda _text: None) -> None:
    """Load everything once, whole or not at all; a second call changes nothing."""
    if is_loaded():
        return
    with transaction.atomic():
        network = _network()
        structures = _structures(network)
        _people(network, structures)
        tell("Réseau et comptes : prêts.")
        _agreements(network, structures)
        _sheets(network, structures, _read("sheets.json"))
        _lineage(network, structures)
        _pictures(network)
        _decide_facts(network)
        mission = User.objects.get(email=accounts()[1]["email"])
        freeze_catalogue(actor=mission, network=network)
        load_life(network, structures, _read("life.json"), mission)
        load_calls(network, structures, _read("calls.json"), mission)
        public = Action.objects.filter(network=network, state=State.PUBLISHED)
        tell(f"{len(structures)} structures, {public.count()} fiches au catalogue.")
        _waiting_import(network, mission)
        tell("Un import attend d'être relu.")


def accounts() -> list[dict[str, str]]:
    """The invented accounts, the administration first."""
    users: list[dict[str, str]] = _read("network.json")["users"]
    return users


def _network() -> Network:
    data = _read("network.json")
    network = create_network(
        actor=SYSTEM,
        slug=data["slug"],
        name=data["name"],
        territory=data["territory"],
        intro=data["intro"],
        accent=data["accent"],
    )
    say_controller(actor=SYSTEM, network=network, values=data["controller"])
    return network


def _people(network: Network, structures: dict[str, Structure]) -> None:
    """One account of each kind at least, and an invitation that waits for its answer."""
    data, known = _read("network.json"), {}
    for account in data["users"]:
        user = known[account["email"]] = open_account(
            actor=SYSTEM,
            email=account["email"],
            password=PASSWORD,
            first_name=account["first_name"],
            last_name=account["last_name"],
        )
        place = structures.get(account.get("structure", ""))
        grant_role(actor=SYSTEM, user=user, network=network, structure=place, kind=account["role"])
    for one in data["invitations"]:
        invite(
            actor=known[one["by"]],
            network=network,
            structure=structures[one["structure"]],
            kind=one["role"],
            email=one["email"],
        )


def _agreements(network: Network, structures: dict[str, Structure]) -> None:
    """Some run, one was renewed, one ends in ten days and one in forty."""
    for one in _read("network.json")["agreements"]:
        agreement = sign_agreement(
            actor=SYSTEM, network=network, structure=structures[one["structure"]], terms=_terms(one["label"], one)
        )
        if "renewed" in one:
            renew_agreement(actor=SYSTEM, agreement=agreement, terms=_terms(one["label"], one["renewed"]))


def _terms(label: str, days: dict[str, int]) -> Terms:
    starts, ends, signed = (timezone.localdate() + timedelta(days=days[key]) for key in ("starts", "ends", "signed"))
    return Terms(label, starts, ends, signed)


def _structures(network: Network) -> dict[str, Structure]:
    made = {}
    for data in _read("structures.json"):
        details = {key: value for key, value in data.items() if key not in {"name", "department"}}
        made[data["name"]] = ensure_structure(
            actor=SYSTEM, network=network, name=data["name"], department=data["department"], **details
        )
    return made


def _sheets(network: Network, structures: dict[str, Structure], sheets: list[dict[str, Any]]) -> None:
    """Most sheets were written here; those that the waiting file speaks of came by an earlier file, as drafts."""
    waiting = (DATA / "waiting-import.txt").read_text()
    now = timezone.now()
    earlier = [sheet for sheet in sheets if f"\nActions\n{sheet['title']}\n" in waiting]
    _import(network, "fiches-2024.json", json.dumps([_known(sheet) for sheet in earlier]).encode())
    for sheet in sorted(sheets, key=lambda one: -one["published_days_ago"]):
        at = now - timedelta(days=sheet["published_days_ago"])
        if sheet in earlier:
            draft = Action.objects.get(network=network, title=sheet["title"])
            publish(actor=SYSTEM, action=draft, at=at)
            continue
        create_action(
            actor=SYSTEM,
            network=network,
            structure=structures[sheet["structure"]],
            values={
                **sheet,
                "status": [sheet["status"]],
                "dimension": _one(sheet["dimension"]),
                "territory": _one(sheet["territory"]),
                "public": _one(sheet["public"]),
            },
            published_at=at,
        )


def _lineage(network: Network, structures: dict[str, Structure]) -> None:
    """A sheet taken up twice, and one of the two again, each written with its own words."""
    for one in _read("lineage.json"):
        original = Action.objects.get(network=network, title=one["of"])
        sheet = take_up(
            actor=SYSTEM,
            action=original,
            network=network,
            structure=structures[one["structure"]],
            title=one["title"],
            token=f"demo-{one['published_days_ago']}",
        )
        write(SYSTEM, sheet, one["values"])
        publish(actor=SYSTEM, action=sheet, at=timezone.now() - timedelta(days=one["published_days_ago"]))


def _pictures(network: Network) -> None:
    """A sheet with its pictures, drawn here: nobody is on them."""
    director = User.objects.get(email=accounts()[4]["email"])
    sheet = rewrite(actor=SYSTEM, action=Action.objects.get(network=network, title="Les carrés de la rue des Fileuses"))
    told = (
        (garden_plan(), _PLAN, "Atelier plan, La Navette"),
        (cloth(), _CLOTH, "Les femmes du mardi"),
    )
    for content, alt, credit in told:
        made = attach(actor=director, action=sheet, deposit=look_into(BytesIO(content), name=""))
        describe(actor=director, attachment=made, title="", alt=alt, credit=credit, agreed=True, base=mark_of(made))
    publish(actor=SYSTEM, action=sheet)


def _known(sheet: dict[str, Any]) -> dict[str, Any]:
    departments = {data["name"]: data["department"] for data in _read("structures.json")}
    kept = {key: value for key, value in sheet.items() if key != "published_days_ago"}
    return {**kept, "department": departments[sheet["structure"]]}


def _one(value: str) -> list[str]:
    return [value] if value else []


def _import(network: Network, name: str, content: bytes) -> None:
    batch = deposit_import(
        actor=SYSTEM, network=network, file=ContentFile(content), filename=name, token=f"demo-{name}", as_draft=True
    )
    apply_import(actor=SYSTEM, batch=read_import(actor=SYSTEM, batch=batch))


def _decide_facts(network: Network) -> None:
    """Two sheets in three were read again; amounts without a label stay to read on the others."""
    mission = User.objects.get(email=accounts()[1]["email"])
    for fact in Fact.objects.filter(action__network=network).select_related("action"):
        if fact.action_id % 3 == 0:
            continue
        if fact.kind == FactKind.PEOPLE and fact.field in {"objectives", "limits", "perspectives"}:
            dismiss_fact(actor=mission, fact=fact)
        else:
            accept_fact(actor=mission, fact=fact)


def _waiting_import(network: Network, mission: User) -> None:
    """A file read and not yet settled; one of its sheets was edited here meanwhile."""
    edited = Action.objects.filter(network=network).exclude(source_key=None).order_by("pk").last()
    if edited:
        limits = f"{edited.limits}\nDepuis la rentrée, le créneau du matin a été doublé.".strip()
        copy = rewrite(actor=mission, action=edited)
        write(mission, copy, {"limits": limits})
        publish(actor=mission, action=copy)
    content = (DATA / "waiting-import.txt").read_bytes()
    batch = deposit_import(
        actor=mission,
        network=network,
        file=ContentFile(content),
        filename="fiches-de-printemps.txt",
        token="demo-waiting",  # noqa: S106 - names the form, protects nothing
    )
    read_import(actor=mission, batch=batch)
