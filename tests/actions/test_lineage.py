"""« S'en inspirer » : what is taken and what is left, who is told, how far a sheet spread."""

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import QuerySet
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from tests.actions.test_pages import body
from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tests.texts import GARDEN_VALUES
from tisserand.actions.enums import State
from tisserand.actions.fields import BY_KEY
from tisserand.actions.figures import CatalogueScope
from tisserand.actions.models import Action, Term
from tisserand.actions.operations import life
from tisserand.actions.operations.life import archive, publish
from tisserand.actions.operations.lineage import TAKEN, shared, take_up
from tisserand.actions.operations.sheets import fill
from tisserand.actions.queries.lineage import lineage
from tisserand.messages.models import Message
from tisserand.network.operations import ensure_structure, grant_role
from tisserand.privacy.journal import SYSTEM
from tisserand.privacy.models import JournalEntry

pytestmark = pytest.mark.django_db
NUMBERS = {
    "description": "On y vient à 12 familles le mercredi.",
    "people": "14 bénévoles",
    "funding": "1 200 € de la Caf",
}


def person(network, structure, kind="member", **names):
    user = UserFactory(**names)
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind=kind)
    return user


@pytest.fixture
def original(make_action, network):
    values = GARDEN_VALUES | NUMBERS | {"title": "Jardin partagé", "limits": "L'eau manque en août."}
    return make_action(**values, structure=StructureFactory(network=network, name="La Navette", department="Ardennes"))


@pytest.fixture
def taker(network, structure):
    return person(network, structure)


@pytest.fixture
def copy_of(network, structure, taker):
    """Take a sheet up, by default for the structure of `taker`, and publish it if asked."""
    count = iter(range(1_000))

    def run(sheet, *, structure=structure, network=network, title="Notre jardin", public=True):
        made = take_up(
            actor=SYSTEM, action=sheet, network=network, structure=structure, title=title, token=f"{next(count):032}"
        )
        return publish(actor=SYSTEM, action=made) if public else made

    return run


def test_what_describes_the_action_is_taken_and_the_rest_is_left(original, taker, network, structure):
    copy = take_up(
        actor=taker, action=original, network=network, structure=structure, title="Notre jardin", token="a" * 32
    )
    theirs, ours = original.content(), copy.content()
    for field in TAKEN:
        assert theirs[field.key]
        assert ours[field.key] == theirs[field.key]
    taken, left = shared(original, [network])
    assert taken == list(TAKEN)
    for field in left:
        assert not ours[field.key]
    assert any(theirs[field.key] for field in left)
    assert {"structure", "department", "title"} == {*original.values()} - {f.key for f in (*taken, *left)}
    assert (copy.state, copy.structure, copy.title, copy.inspired_by) == (
        State.DRAFT, structure, "Notre jardin", original,
    )  # fmt: skip
    assert not copy.facts.exists()
    assert original.facts.exists()
    assert JournalEntry.objects.filter(verb="actions.taken_up", subject=f"actions.action:{copy.pk}").count() == 1


def test_a_form_sent_twice_takes_up_once(original, taker, network, structure):
    copies = [
        take_up(actor=taker, action=original, network=network, structure=structure, title="X", token="a" * 32)
        for _time in range(2)
    ]
    assert copies[0] == copies[1]
    assert original.inspired.count() == 1


def test_what_was_written_since_stays_when_the_form_comes_again(original, taker, network, structure):
    first = take_up(actor=taker, action=original, network=network, structure=structure, title="X", token="a" * 32)
    Action.objects.filter(pk=first.pk).update(summary="Le nôtre.")
    again = take_up(actor=taker, action=original, network=network, structure=structure, title="Y", token="a" * 32)
    assert again.summary == "Le nôtre."


def test_values_that_the_other_network_does_not_have_are_left(original, copy_of):
    other = NetworkFactory()
    elsewhere = StructureFactory(network=other)
    keyword = Term.objects.get(network=original.network, facet="keyword", label="Environnement")
    Term.objects.filter(pk=keyword.pk).update(label="Rare", key="rare", slug="rare")
    copy = copy_of(original, network=other, structure=elsewhere)
    assert copy.network == other
    assert set(original.labels("keyword")) - set(copy.labels("keyword")) == {"Rare"}
    assert copy.labels("public") == original.labels("public")
    assert not Term.objects.filter(network=other, verified=False).exists()


def test_only_who_writes_for_the_structure_takes_up(original, network, structure, stranger):
    elsewhere = person(network, StructureFactory(network=network), "director")
    for actor in (stranger, elsewhere, person(network, structure, "referent")):
        with pytest.raises(PermissionDenied):
            take_up(actor=actor, action=original, network=network, structure=structure, title="X", token="b" * 32)
    assert not original.inspired.exists()


def test_one_s_own_sheet_is_not_taken_up(original, network):
    writer = person(network, original.structure)
    with pytest.raises(PermissionDenied, match="déjà celle"):
        take_up(actor=writer, action=original, network=network, structure=original.structure, title="X", token="c")


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.ARCHIVED])
def test_what_is_not_public_is_not_taken_up(original, taker, network, structure, state):
    Action.objects.filter(pk=original.pk).update(state=state, submitted_at=original.published_at)
    with pytest.raises(Http404):
        take_up(actor=taker, action=original, network=network, structure=structure, title="X", token="d")


def test_without_a_title_nothing_begins(original, taker, network, structure):
    with pytest.raises(ValidationError, match="titre"):
        take_up(actor=taker, action=original, network=network, structure=structure, title=" ", token="e")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_a_double_click_is_one_click(original, taker, network, structure, monkeypatch, locked):
    if not locked:  # negative control: without the lock, the second one meets the first one's row
        if connection.vendor == "sqlite":
            pytest.skip("SQLite writes one transaction after the other")
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)
        nobody_knows = threading.Barrier(4)  # all have looked for the sheet before one of them writes it

        def fill_together(*args):
            nobody_knows.wait(30)
            fill(*args)

        monkeypatch.setattr(life, "fill", fill_together)
    together, failures, made = threading.Barrier(4), [], []

    def click():
        together.wait(10)
        try:
            sheet = take_up(
                actor=taker, action=original, network=network, structure=structure, title="X", token="f" * 32
            )
            made.append(sheet.pk)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert original.inspired.count() == 1
    assert (len(set(made)) == 1) is True
    assert bool(failures) is not locked


def test_the_original_s_writers_are_told_when_the_copy_is_public_and_once(original, copy_of, network):
    writers = [person(network, original.structure, kind) for kind in ("member", "director")]
    person(network, original.structure, "referent")
    copy = copy_of(original, public=False)
    assert not Message.objects.exists()
    publish(actor=SYSTEM, action=copy)
    archive(actor=SYSTEM, action=copy)
    publish(actor=SYSTEM, action=copy)
    assert sorted(Message.objects.values_list("to", flat=True)) == sorted(one.email for one in writers)
    assert set(Message.objects.values_list("kind", flat=True)) == {"actions.taken_up"}


def test_the_letter_says_which_and_where(original, copy_of, network, mailoutbox):
    person(network, original.structure)
    copy = copy_of(original)
    (letter,) = mailoutbox
    for words in (
        original.title,
        copy.title,
        copy.structure.name,
        f"/actions/{copy.pk}/",
        f"/actions/{original.pk}/reprises/",
    ):
        assert words in letter.body
    assert "List-Unsubscribe" in letter.extra_headers


def test_who_wrote_both_is_not_told(original, network, structure, taker):
    grant_role(actor=SYSTEM, user=taker, network=network, structure=original.structure, kind="member")
    copy = take_up(actor=taker, action=original, network=network, structure=structure, title="X", token="g" * 32)
    publish(actor=SYSTEM, action=copy)
    assert not Message.objects.filter(kind="actions.taken_up").exists()


@pytest.fixture
def family(original, copy_of, network):
    """The original, two copies of it, and a copy of the first one."""
    places = [
        ensure_structure(actor=SYSTEM, network=network, name=name, department=department)
        for name, department in (("Le Métier", "Marne"), ("La Bobine", "Aisne"), ("Le Fuseau", "Ardennes"))
    ]
    first = copy_of(original, structure=places[0], title="Potager du Métier")
    second = copy_of(original, structure=places[1], title="Potager de la Bobine")
    third = copy_of(first, structure=places[2], title="Potager du Fuseau")
    return original, first, second, third


def test_the_page_names_what_will_be_taken_and_nothing_else(client, make_action, taker):
    bare = make_action(title="Nu", summary="Court.", keywords=["Santé", "inconnu"], dimension=[], limits="")
    client.force_login(taker)
    told = client.get(f"/actions/{bare.pk}/s-en-inspirer/").context
    assert [str(label) for label in told["taken"]] == ["Mots-clés", "Résumé"]
    assert {"Dimension", "Limites", "Partenaires"} <= {str(label) for label in told["left"]}
    assert not {*told["taken"]} & {*told["left"]}


def test_both_pages_tell_the_lineage(client, family):
    original, first, second, _third = family
    page = client.get(original.get_absolute_url()).content.decode()
    assert "Reprise par 3 structures" in page
    assert "Inspirée de" not in page
    page = client.get(first.get_absolute_url()).content.decode()
    assert "Inspirée de" in page
    assert original.get_absolute_url() in page
    assert "par La Navette" in page
    assert "(Ardennes)" in page
    assert "Reprise par 1 structure<" in page
    assert "isBasedOn" in page
    assert "Reprise par" not in client.get(second.get_absolute_url()).content.decode()


def test_the_spread_is_told_by_generation_with_places_and_dates(client, family):
    for sheet in family:
        page = client.get(f"/actions/{sheet.pk}/reprises/")
        told = [[one.action.pk for one in part["kin"]] for part in page.context["generations"]]
        original, first, second, third = (one.pk for one in family)
        assert told == [[original], [first, second], [third]]
    text = page.content.decode()
    for words in ("Potager du Fuseau", "La Bobine", "Aisne", escape("d’après Le Métier"), "Publiée le"):
        assert words in text
    assert text.count("aria-current") >= 1


def test_a_draft_copy_is_nobody_s_business(client, original, copy_of, structure, stranger):
    Action.objects.filter(pk=original.pk).update(structure=original.structure)
    copy = copy_of(original, title="Copie secrète", public=False)
    for user in (None, stranger):
        if user:
            client.force_login(user)
        for address in (
            original.get_absolute_url(),
            f"/actions/{original.pk}/reprises/",
            f"/api/actions/{original.pk}",
            "/chiffres/",
        ):
            page = body(client.get(address)).decode()
            assert "Copie secrète" not in page
            assert structure.name not in page
            assert "Reprise par" not in page
        assert client.get(f"/actions/{copy.pk}/reprises/").status_code == 404
        assert client.get(f"/actions/{copy.pk}/s-en-inspirer/").status_code in {302, 404, 403}
    assert client.get(f"/api/actions/{original.pk}").json()["inspired"] == []


def test_an_archived_original_is_told_without_its_words(client, family):
    original, first, *_others = family
    archive(actor=SYSTEM, action=original)
    page = client.get(first.get_absolute_url()).content.decode()
    assert "Inspirée d’une fiche archivée depuis, par La Navette" in page
    spread = client.get(f"/actions/{first.pk}/reprises/").content.decode()
    document = body(client.get(f"/actions/{first.pk}/fiche.docx"))
    assert document[:2] == b"PK"
    for text in (page, spread):
        assert original.title not in text
        assert f"/actions/{original.pk}/" not in text
    assert client.get(f"/actions/{original.pk}/reprises/").status_code == 404
    assert client.get(f"/api/actions/{first.pk}").json()["inspired_by"] is None


def test_an_archived_copy_shows_only_where_something_public_came_of_it(client, family):
    original, first, second, third = family
    archive(actor=SYSTEM, action=second)
    archive(actor=SYSTEM, action=first)
    page = client.get(f"/actions/{original.pk}/reprises/")
    assert [[one.action for one in part["kin"]] for part in page.context["generations"]] == [
        [original],
        [first],
        [third],
    ]
    assert "Potager du Métier" not in page.content.decode()
    assert "Reprise par 1 structure<" in client.get(original.get_absolute_url()).content.decode()


def test_a_circle_would_not_hang_the_page(client, family):
    original, _first, _second, third = family
    Action.objects.filter(pk=original.pk).update(inspired_by=third)
    assert client.get(original.get_absolute_url()).status_code == 200


def test_the_api_gives_both_ways(client, family):
    original, first, second, third = (one.pk for one in family)
    items = {one["id"]: (one["inspired_by"], one["inspired"]) for one in client.get("/api/actions").json()["items"]}
    assert items == {
        original: (None, [first, second]), first: (original, [third]), second: (original, []), third: (first, []),
    }  # fmt: skip
    one = client.get(f"/api/actions/{first}").json()
    assert (one["inspired_by"], one["inspired"]) == (original, [third])


def test_paper_tells_it_too(family):
    from tisserand.actions.documents import sheet_data
    from tisserand.actions.queries import with_content

    for sheet, label, words in (
        (family[0], "Reprise par", "3 structures"),
        (family[3], "Inspirée de", "Potager du Métier"),
    ):
        read = with_content(Action.objects.filter(pk=sheet.pk)).prefetch_related("facts").get()
        rail = {line["label"]: line["values"] for line in sheet_data((read, "https://exemple.fr"))["rail"]}
        assert words in rail[label]


def test_the_figure_counts_sheets_taken_up_against_all_and_leads_to_them(client, family):
    figure = CatalogueScope.of(None).figures()["actions.share.taken-up"]
    assert (figure.numerator, figure.denominator) == (2, 4)
    assert client.get(figure.evidence).context["count"] == 2
    archive(actor=SYSTEM, action=family[3])
    assert CatalogueScope.of(None).figures()["actions.share.taken-up"].numerator == 1
    call_command("reindex_actions")
    assert CatalogueScope.of(None).figures()["actions.share.taken-up"].numerator == 1


def test_the_page_says_before_what_is_taken_then_begins(client, original, taker, structure):
    client.force_login(taker)
    assert "S’en inspirer" in client.get(original.get_absolute_url()).content.decode()
    page = client.get(f"/actions/{original.pk}/s-en-inspirer/")
    text = page.content.decode()
    for field in (*TAKEN, BY_KEY["partners"], BY_KEY["perspectives"]):
        assert escape(str(field.label).replace("'", "’")) in text
    form = page.context["form"]
    answer = {"title": "Le nôtre", "place": form["place"].value(), "token": form["token"].value()}
    for _time in range(2):
        answered = client.post(f"/actions/{original.pk}/s-en-inspirer/", answer)
    copy = original.inspired.get()
    assert (copy.title, copy.structure) == ("Le nôtre", structure)
    assert answered["Location"] == f"/equipe/fiches/{copy.pk}/ecrire/action/"
    again = client.get(f"/actions/{original.pk}/s-en-inspirer/").content.decode()
    assert "Déjà commencée" in again
    assert client.post(f"/actions/{original.pk}/s-en-inspirer/", answer | {"title": ""}).status_code == 422


def test_who_writes_for_several_chooses_across_networks(client, original, taker, structure):
    other = NetworkFactory()
    second = StructureFactory(network=other)
    grant_role(actor=SYSTEM, user=taker, network=other, structure=second, kind="director")
    client.force_login(taker)
    form = client.get(f"/actions/{original.pk}/s-en-inspirer/").context["form"]
    assert len(form.fields["place"].choices) == 2
    key = f"{other.pk}-{second.pk}"
    client.post(f"/actions/{original.pk}/s-en-inspirer/", {"title": "X", "place": key, "token": "h" * 32})
    assert original.inspired.get().network == other
    bad = client.post(f"/actions/{original.pk}/s-en-inspirer/", {"title": "X", "place": "1-999999", "token": "i" * 32})
    assert bad.status_code == 422


def test_who_writes_nothing_is_told_so(client, original, network, structure):
    client.force_login(person(network, structure, "referent"))
    assert "S’en inspirer" not in client.get(original.get_absolute_url()).content.decode()
    assert client.get(f"/actions/{original.pk}/s-en-inspirer/").status_code == 403
    client.force_login(person(network, original.structure))
    assert client.get(f"/actions/{original.pk}/s-en-inspirer/").status_code == 403


def test_the_page_of_a_sheet_offers_what_the_next_page_allows(client, original, network):
    """Whoever keeps another network takes it up for a member; whose network has no other member does not."""
    elsewhere = NetworkFactory()
    StructureFactory(network=elsewhere)
    alone = NetworkFactory()
    ensure_structure(
        actor=SYSTEM, network=alone, name=original.structure.name, department=original.structure.department
    )
    for place, offered in ((elsewhere, True), (alone, False)):
        client.force_login(person(place, None, "mission"))
        page = client.get(original.get_absolute_url()).content.decode()
        assert ("S’en inspirer" in page) == offered
        answer = client.get(f"/actions/{original.pk}/s-en-inspirer/")
        assert answer.status_code == (200 if offered else 403)


def test_queries_do_not_grow_with_the_family(client, original, copy_of, network, taker):
    addresses = [
        original.get_absolute_url(), f"/actions/{original.pk}/reprises/", f"/actions/{original.pk}/s-en-inspirer/",
        "/api/actions", f"/api/actions/{original.pk}", f"/actions/{original.pk}/fiche.odt",
    ]  # fmt: skip
    client.force_login(taker)

    def counted() -> list[int]:
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        return found

    copy_of(original, structure=StructureFactory(network=network))
    one = counted()
    for _number in range(2):
        copy_of(
            copy_of(original, structure=StructureFactory(network=network)), structure=StructureFactory(network=network)
        )
    assert counted() == one
    assert max(one) <= 15


def test_a_title_that_reads_like_a_page_keeps_its_own_address(client, make_action):
    sheet = make_action(title="Reprises")
    assert "Reprises" in client.get(sheet.get_absolute_url()).context["action"].title


def test_lineage_of_a_sheet_alone(original):
    kin = lineage(original)
    assert (kin.parent, kin.children, kin.structures) == (None, [], [])


def test_a_large_family_is_read_page_by_page(client, original, copy_of, network, monkeypatch):
    monkeypatch.setattr("tisserand.actions.views.lineage.ON_A_PAGE", 2)
    for _number in range(3):
        copy_of(original, structure=StructureFactory(network=network))
    address = f"/actions/{original.pk}/reprises/"
    pages = [client.get(f"{address}{query}").context["generations"] for query in ("", "?page=2")]
    assert [[(one["number"], len(one["kin"])) for one in page] for page in pages] == [[(0, 1), (1, 1)], [(1, 2)]]
