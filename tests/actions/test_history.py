"""What a sheet said: who changed what, the difference between two versions, one of them brought back."""

from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from tests.factories import StructureFactory
from tests.sheets import ask, person, write
from tests.texts import GARDEN, GARDEN_VALUES, published
from tisserand.actions.enums import State
from tisserand.actions.models import Action, Term, Version
from tisserand.actions.operations.life import publish, rewrite, send_back, submit
from tisserand.actions.operations.restoring import restore
from tisserand.actions.operations.vocabulary import merge_term
from tisserand.actions.queries import changes_between, editions

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    found = unescape(answer.content.decode())
    return found.replace("\xa0", " ").replace("\u202f", " ").replace("’", "'")


def rewritten(writer, staff, sheet, **values) -> Action:
    copy = rewrite(actor=writer, action=sheet)
    write(writer, copy, **values)
    return publish(actor=staff, action=submit(actor=writer, action=copy))


def test_each_version_tells_what_changed_and_who_wrote_it(public, writer, staff):
    rewritten(writer, staff, public, summary="Un jardin.")
    sheet = rewritten(writer, staff, public, limits="Le gel.", summary="Un jardin, et un four.")
    told = editions(sheet)
    assert [(one.number, one.fields, one.by) for one in told] == [
        (3, ("summary", "limits"), writer),
        (2, ("summary",), writer),
        (1, (), None),
    ]
    assert told[-1].at == sheet.published_at
    assert told[0].at > told[1].at > told[2].at
    changes, merged = changes_between(told[2], told[0])
    assert [change.key for change in changes] == ["summary", "limits"]
    assert merged == []


def test_an_import_is_named(bring, client, staff):
    bring(published(GARDEN), "premier.txt")
    bring(published(GARDEN | {"limits": "Le gel de mars."}), "retouches.txt")
    sheet = Action.objects.get()
    assert [one.batch and one.batch.filename for one in editions(sheet)] == ["retouches.txt", None]
    client.force_login(staff)
    page = text(client.get(f"/actions/{sheet.pk}/historique/"))
    assert "Changé : Limites." in page
    assert "Par le fichier retouches.txt" in page


def test_values_merged_in_the_lists_are_not_told_as_a_change_of_the_sheet(make_action, structure, writer, staff, admin):
    sheet = make_action(structure=structure, **GARDEN_VALUES | {"keywords": ["Jardins", "Santé"]})
    rewritten(writer, staff, sheet, limits="Le gel.")
    merge_term(actor=admin, term=Term.objects.get(label="Jardins"), into=Term.objects.get(label="Environnement"))
    sheet = Action.objects.get()
    now, before = editions(sheet)
    assert (now.fields, now.merged) == (("limits",), ("keywords",))
    assert changes_between(before, now)[1] == ["Mots-clés"]


def test_what_was_sent_back_is_told_apart_from_what_replaced_it(proposed, writer, staff):
    ask(staff, proposed)
    send_back(actor=staff, action=proposed)
    (only,) = editions(Action.objects.get())
    assert only.returned
    write(writer, proposed, summary="Un jardin pour tous.")
    publish(actor=staff, action=submit(actor=writer, action=proposed))
    now, first = editions(Action.objects.get())
    assert (now.by, now.fields, now.returned) == (None, ("summary",), None)
    assert first.returned
    assert first.returned.changed_by == staff


def test_coming_back_begins_a_rewriting_and_the_catalogue_does_not_change(public, writer, staff):
    sheet = rewritten(writer, staff, public, summary="Perdu.", limits="Le gel.")
    for _click in range(2):
        copy = restore(actor=writer, action=sheet, number=1)
    assert Action.objects.count() == 2
    assert copy.content() == {**sheet.content(), **{key: GARDEN_VALUES[key] for key in ("summary", "limits")}}
    sheet.refresh_from_db()
    assert sheet.summary == "Perdu."
    publish(actor=staff, action=submit(actor=writer, action=copy))
    sheet = Action.objects.get()
    assert sheet.summary == GARDEN_VALUES["summary"]
    assert [one.number for one in editions(sheet)] == [3, 2, 1]


def test_nobody_s_rewriting_is_replaced(public, writer, staff):
    sheet = rewritten(writer, staff, public, summary="Perdu.")
    copy = rewrite(actor=writer, action=sheet)
    write(writer, copy, limits="En cours d'écriture.")
    with pytest.raises(ValidationError, match="réécrire"):
        restore(actor=staff, action=sheet, number=1)
    copy.refresh_from_db()
    assert copy.limits == "En cours d'écriture."
    submit(actor=writer, action=copy)
    with pytest.raises(PermissionDenied):
        restore(actor=writer, action=sheet, number=1)


def test_only_who_writes_it_comes_back(public, writer, staff, stranger, network, draft):
    sheet = rewritten(writer, staff, public, summary="Perdu.")
    elsewhere = person(network, StructureFactory(network=network), "director")
    for actor in (stranger, elsewhere):
        with pytest.raises(PermissionDenied):
            restore(actor=actor, action=sheet, number=1)
    with pytest.raises(Http404):
        restore(actor=writer, action=sheet, number=7)
    with pytest.raises(PermissionDenied):
        restore(actor=writer, action=draft, number=1)
    assert not Action.objects.filter(revises=sheet).exists()


def test_the_pages_from_list_to_rewriting(client, public, writer, staff):
    for user, then in ((writer, "/modifier/"), (staff, "/relire/")):
        sheet = rewritten(writer, staff, public, summary=f"Perdu par {user.pk}.")
        client.force_login(user)
        base = f"/actions/{sheet.pk}/historique/"
        page = text(client.get(base))
        assert "Changé : Résumé." in page
        assert f"{base}comparer/?avant=1&apres=2" in page
        shown = text(client.get(f"{base}comparer/", {"avant": sheet.revision, "apres": 1}))
        assert shown.index("<del>") < shown.index("<ins>")
        assert shown.index("Douze parcelles") < shown.index(f"Perdu par {user.pk}")  # the older one first
        assert "<ins>" in text(client.get(f"{base}comparer/"))  # the last two
        assert "Rien ne les distingue" in text(client.get(f"{base}comparer/", {"avant": 1, "apres": 1}))
        asked = text(client.get(f"{base}1/"))
        assert "Reprendre cette version" in asked
        answer = client.post(f"{base}1/")
        assert then in answer["Location"]
        copy = Action.objects.get(revises=sheet)
        assert copy.summary == GARDEN_VALUES["summary"]
        publish(actor=staff, action=copy)
        assert "la même chose" in text(client.get(f"{base}1/"))
        write(writer, rewrite(actor=writer, action=public), limits=f"En cours {user.pk}")
        refused = client.post(f"{base}2/")
        assert refused.status_code == 409
        assert "jetez-la d'abord" in text(refused)
        Action.objects.filter(revises=sheet).delete()


def test_addresses_that_lead_nowhere(client, public, writer, staff):
    sheet = rewritten(writer, staff, public, summary="Perdu.")
    client.force_login(writer)
    base = f"/actions/{sheet.pk}/historique/"
    for address in (f"{base}2/", f"{base}9/", f"{base}comparer/?avant=1&apres=x"):
        assert client.get(address).status_code == 404, address


def test_nobody_else_learns_what_it_said(client, public, writer, staff, stranger, network):
    sheet = rewritten(writer, staff, public, summary="Sans le mot de trop.")
    elsewhere = person(network, StructureFactory(network=network), "director")
    reader = person(network, kind="reader")
    base = f"/actions/{sheet.pk}/historique/"
    for user in (elsewhere, reader, stranger):
        client.force_login(user)
        for address in (base, f"{base}comparer/?avant=1&apres=2", f"{base}1/"):
            assert client.get(address).status_code == 404
        assert client.post(f"{base}1/").status_code == 404
    assert Action.objects.filter(state=State.DRAFT).count() == 0


def test_queries_do_not_grow(client, public, writer, staff):
    client.force_login(writer)
    base, counts = f"/actions/{public.pk}/historique/", []
    for version in range(3):
        sheet = rewritten(writer, staff, public, summary=f"Version {version}", limits=f"{version}" * 9)
        if version == 1:
            continue
        for page in (base, f"{base}comparer/?avant=1&apres={sheet.revision}", f"{base}1/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 15


def test_a_long_history_is_read_page_by_page(client, public, writer, monkeypatch):
    monkeypatch.setattr("tisserand.actions.views.history.ON_A_PAGE", 2)
    for number in range(1, 4):
        Version.objects.create(
            action=public, number=number, values=public.content() | {"limits": f"{number}"}, changed_by=writer,
            since=public.published_at, until=public.published_at,
        )  # fmt: skip
    Action.objects.filter(pk=public.pk).update(revision=4)
    client.force_login(writer)
    first, last = (client.get(f"/actions/{public.pk}/historique/{query}").content.decode() for query in ("", "?page=2"))
    assert [first.count("version actuelle"), last.count("version actuelle")] == [1, 0]
    assert "avant=2&amp;apres=3" in first  # what changed since the one that comes first on the next page
    assert [first.count("Revenir à cette version"), last.count("Revenir à cette version")] == [1, 2]
    assert [page.count("La première version gardée") for page in (first, last)] == [0, 1]
    assert "3 à 4 sur 4" in last.replace("\xa0", " ")
    assert 'href="?page=1"' in last
