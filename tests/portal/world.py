"""One network with one thing for each address, and everyone who may knock there."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.deposits import picture
from tests.factories import ActionFactory, NetworkFactory, StructureFactory, UserFactory
from tests.portal.matrix import Viewer
from tests.sheets import ask, changed_elsewhere, edit, person, write
from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.links import running_address
from tisserand.actions.operations.attachments import attach, describe, look_into, mark_of
from tisserand.actions.operations.calls import ask_network
from tisserand.actions.operations.figures import freeze_catalogue
from tisserand.actions.operations.imports import deposit_import, read_import
from tisserand.actions.operations.life import begin_sheet, publish, rewrite, submit
from tisserand.messages.links import refusal_address
from tisserand.network.links import invitation_address, undo_token
from tisserand.network.models import Network, Structure, User
from tisserand.network.operations import Terms, end_role, invite, merge_accounts, merge_structures, sign_agreement
from tisserand.privacy.journal import SYSTEM


def names(patterns=None, space=""):
    """Every address of the site, by the name that `reverse` takes."""
    for one in patterns or get_resolver().url_patterns:
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern):
            yield space + one.name


@dataclass
class World:
    """What the addresses are about: a network and the structure "here", and their neighbours."""

    network: Network
    here: Structure
    elsewhere: Structure
    another: Network
    arguments: dict[str, list[object]]
    sent: dict[str, dict[str, object]]  # what a form must hold for its answer to tell who may send it

    def address(self, name: str) -> str:
        return reverse(name, args=self.arguments.get(name, []))

    def viewer(self, viewer: Viewer) -> User | None:
        """Someone who holds this role; nobody, for a visitor."""
        if viewer.kind is None:
            return None if viewer.place == "visitor" else UserFactory()
        structure = {"here": self.here, "elsewhere": self.elsewhere}.get(viewer.place)
        return person(self.another if viewer.place == "another" else self.network, structure, viewer.kind)


def furnish() -> World:
    """One of each thing that an address names."""
    network, another = NetworkFactory(), NetworkFactory()
    here, elsewhere = StructureFactory(network=network), StructureFactory(network=network)
    team, member = person(network, kind="mission"), person(network, here)
    sheets, forms = _sheets(network, here, team, member)
    people, given_back = _people(network, here, member)
    batch = deposit_import(
        actor=team, network=network, filename="a.txt", token="t", file=ContentFile(published(GARDEN).encode())
    )
    read_import(actor=team, batch=batch)
    merged = merge_structures(actor=SYSTEM, kept=here, gone=StructureFactory(network=network))
    call = ask_network(actor=member, network=network, structure=here, question="Qui jardine ?", token="q")
    agreement = sign_agreement(actor=SYSTEM, network=network, structure=here, terms=Terms("Charte", date(2026, 1, 1)))
    arguments = {
        **sheets,
        **people,
        **{name: [batch.pk] for name in names() if name == "import" or name.startswith("import-")},
        "import-model": ["xlsx"],
        **{name: [here.slug] for name in ("structure", "structure-edit", "structure-merge", "ties")},
        **{name: [call.pk] for name in ("call", "call-correct", "call-write")},
        "structure-part": [here.slug, merged.pk],
        "agreement": [agreement.pk],
        "snapshot": [freeze_catalogue(actor=team, network=network).pk],
        "figures-export": ["csv"],
        "export": ["csv"],
        "register-file": ["pdf"],
        "message-refusal": [_token(refusal_address("ici@exemple.example", "actions.digest"))],
    }
    term = network.terms.first()
    sent = {**forms, **given_back, "list-change": {"change": "verify", "term": term.pk}, "call": {"do": "close"}}
    return World(network, here, elsewhere, another, arguments, sent)


def _token(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def _sheets(network, here, team, member):
    """Sheets of the structure "here": public, begun, proposed; with their versions, remarks and files."""
    public = edit(ActionFactory(network=network, structure=here, **GARDEN_VALUES), limits="Le gel.")
    begun = begin_sheet(actor=member, network=network, structure=here, title="Un début", token="a")
    proposed = rewrite(actor=member, action=ActionFactory(network=network, structure=here, **GARDEN_VALUES))
    write(member, proposed, limits="Le gel.")
    changed_elsewhere(proposed.revises, limits="Le vent.")
    submit(actor=member, action=proposed)
    ask(team, proposed)
    illustrated = rewrite(actor=team, action=ActionFactory(network=network, structure=here, **GARDEN_VALUES))
    photo = attach(actor=team, action=illustrated, deposit=look_into(BytesIO(picture()), name="x.jpg"))
    describe(actor=team, attachment=photo, title="", alt="Une toile", credit="", agreed=True, base=mark_of(photo))
    again = rewrite(actor=member, action=publish(actor=team, action=illustrated))
    of_public = (
        "action-short action-spread action-take-up action-edit action-history still-running action-comparison "
        "sheet-facts action-state api:read_action"
    )
    arguments = {
        **{name: [public.pk] for name in of_public.split()},
        "action": [public.pk, "le-jardin-des-remparts"],
        "action-document": [public.pk, "pdf"],
        "action-version": [public.pk, 1],
        "still-running-link": [_token(running_address(public, member))],
        "sheet-write": [begun.pk, "action"],
        **{name: [begun.pk] for name in ("sheet-field", "sheet-presence", "sheet-propose", "sheet-discard")},
        **{name: [proposed.pk] for name in ("sheet-take-back", "review", "review-clashes")},
        "attachments": [again.pk],
        "attachment-change": [again.pk, again.attachments.get().pk],
        "attachment": [photo.key],
        "attachment-small": [photo.key],
    }
    return arguments, {
        "action-state": {"state": "archived"},
        "sheet-field": {"key": "summary", "value": "Un jardin."},
        "review": {"do": "remark", "text": "Dites pour qui."},
    }


def _people(network, here, member):
    """Someone invited, a role that ends and one that ended, accounts that are one or may be."""
    invitation, _new = invite(actor=SYSTEM, network=network, structure=here, kind="member", email="ici@exemple.example")
    leaving, double = person(network, here), person(network, kind="reader")
    ended = person(network, here).roles.get()
    token = undo_token(ended)
    end_role(actor=SYSTEM, role=ended)
    one, other = (person(network, kind="reader") for _ in range(2))
    merged = merge_accounts(actor=SYSTEM, network=network, kept=one, gone=other)
    return {
        "invitation": [_token(invitation_address(invitation))],
        "invitation-renew": [invitation.pk],
        "invitation-withdraw": [invitation.pk],
        "role-end": [leaving.roles.get().pk],
        "person": [member.pk],
        "account-merge": [double.pk],
        "account-part": [merged.pk],
        "account_confirm_email": ["abc"],
        "account_reset_password_from_key": ["1", "abc-def"],
        "mfa_edit_webauthn": [1],
        "mfa_remove_webauthn": [1],
    }, {"role-resume": {"token": token}, "person-find": {"email": member.email}}
