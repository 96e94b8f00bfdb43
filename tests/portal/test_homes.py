"""The first page of each: what waits, what is new, what one began, where to begin; and nothing of anyone else's."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import StructureFactory
from tests.sheets import WHOLE, ask, person, write
from tisserand.actions.models import Action, Version
from tisserand.actions.operations.life import begin_sheet, publish, rewrite, send_back, submit
from tisserand.actions.operations.lineage import take_up
from tisserand.network.enums import RoleKind
from tisserand.network.operations import invite

pytestmark = pytest.mark.django_db


def home(client, user) -> str:
    client.force_login(user)
    answer = client.get("/equipe/")
    assert answer.status_code == 200
    found = unescape(answer.content.decode())
    return found.replace("\xa0", " ").replace("\u202f", " ").replace("’", "'")


def titles(page: str) -> list[str]:
    """The lines of what there is to do."""
    todo = "".join(re.findall(r'<ol class="todo".*?</ol>', page, re.DOTALL))
    return re.findall(r"<h[234]>(.*?)</h[234]>", todo)


def propose(writer, network, structure, title):
    sheet = begin_sheet(actor=writer, network=network, structure=structure, title=title, token=f"{title}-{writer.pk}")
    write(writer, sheet, **WHOLE)
    return submit(actor=writer, action=sheet)


# The team of a network


def test_the_team_reads_first_what_waits_for_an_answer(client, staff, writer, network, structure, make_action):
    for rank, title in enumerate(("Quatre", "Trois", "Deux", "Un", "Cinq")):
        sheet = propose(writer, network, structure, title)
        Action.objects.filter(pk=sheet.pk).update(submitted_at=timezone.now() - timedelta(days=5 * rank))
    make_action(structure=structure, status=["En cours"], published_at=timezone.now() - timedelta(days=400))
    page = home(client, staff)
    assert titles(page) == [
        "Relire « Cinq »",
        "Relire « Un »",
        "Relire « Deux »",
        "Relire 2 autres fiches",
        "1 fiche à confirmer",
    ]
    assert "5 choses vous attendent" in page
    assert '<p class="due late">Proposée il y a 20 jours</p>' in page
    assert '<p class="due">Proposée il y a 10 jours</p>' in page


def test_the_team_hears_of_what_stays_with_its_writers(client, staff, writer, proposed):
    ask(staff, proposed)
    send_back(actor=staff, action=proposed)
    assert titles(home(client, staff)) == []
    Version.objects.update(until=timezone.now() - timedelta(days=15))
    assert titles(home(client, staff)) == ["1 fiche renvoyée depuis plus de deux semaines"]


def test_the_team_finds_what_it_writes_and_what_is_new(client, staff, network, structure, public, writer):
    rewrite(actor=staff, action=public)
    begin_sheet(actor=writer, network=network, structure=structure, title="D'une structure", token="d" * 32)
    page = home(client, staff)
    assert page.index("Ce que vous écrivez") < page.index(public.title) < page.index("Dernières fiches publiées")
    assert "D'une structure" not in page


def test_what_is_far_on_a_phone_has_a_short_way(client, staff, writer, public):
    for user in (staff, writer):
        page = home(client, user)
        ways = re.findall(r'href="#(\w+)"', page.partition('<p class="jumps">')[2].partition("</p>")[0])
        assert ways
        for way in ways:
            assert f'id="{way}"' in page


def test_an_empty_network_says_where_to_begin(client, staff, admin, stranger, make_action):
    assert titles(home(client, staff)) == ["Verser les fiches que le réseau a déjà"]
    assert titles(home(client, admin)) == [
        "Verser les fiches que le réseau a déjà",
        "Inviter l'équipe et les directions",
        "Regarder les listes du réseau",
    ]
    make_action(title="La première")
    assert titles(home(client, admin)) == []
    assert "Pour commencer" not in home(client, admin)
    assert "La première" not in home(client, stranger)  # of another network


# Those who write


def test_a_director_alone_begins_by_inviting_then_by_writing(client, network, structure):
    director = person(network, structure, "director")
    person(network, structure, "professional")  # writes nothing
    assert titles(home(client, director)) == ["Inviter une personne de votre équipe", "Écrire une première fiche"]
    invite(actor=director, network=network, structure=structure, kind="member", email="nadia@exemple.example")
    assert titles(home(client, director)) == ["Écrire une première fiche"]
    begin_sheet(actor=director, network=network, structure=structure, title="La soupe", token="s" * 32)
    page = home(client, director)
    assert titles(page) == ["La soupe"]
    assert "Pour commencer" not in page


def test_who_was_just_invited_is_welcome(client, writer, network, structure, public):
    """Even where others wrote before them; once they began a sheet they know."""
    page = home(client, writer)
    assert f"Bienvenue. Vous écrivez les fiches de cette structure : {structure.name}." in page
    assert titles(page) == []
    begin_sheet(actor=writer, network=network, structure=structure, title="La soupe", token="s" * 32)
    assert "Bienvenue" not in home(client, writer)


def test_inviting_is_at_hand_for_who_directs_only(client, writer, network, structure, public):
    """Among the first gestures, before what is under way."""
    director = person(network, structure, "director")
    begin_sheet(actor=director, network=network, structure=structure, title="La soupe", token="s" * 32)
    page = home(client, director)
    assert page.index("Inviter une personne") < page.index("Mes fiches en cours")
    assert "Inviter une personne" not in home(client, writer)


def test_a_member_begins_by_writing(client, writer):
    assert titles(home(client, writer)) == ["Écrire une première fiche"]


def test_remarks_come_first_then_the_yearly_question(client, staff, writer, network, structure, proposed, make_action):
    make_action(structure=structure, title="Le café", published_at=timezone.now() - timedelta(days=400))
    make_action(title="Le café d'en face", published_at=timezone.now() - timedelta(days=400))
    begin_sheet(actor=writer, network=network, structure=structure, title="La soupe", token="s" * 32)
    ask(staff, proposed)
    send_back(actor=staff, action=proposed)
    page = home(client, writer)
    assert titles(page) == ["Jardin", "La soupe"]
    assert "2 choses vous attendent" in page
    for words, place in (("1 fiche à reprendre", "en-cours"), ("1 action à confirmer", "continuent")):
        assert f'href="#{place}">{words}</a>' in page  # what is counted, and the way to it
        assert f'id="{place}"' in page
    asked = page.partition("Ces actions continuent-elles")[2].partition("</ul>")[0]
    assert "Le café" in asked
    assert "d'en face" not in asked
    answer = re.search(r'action="(/actions/\d+/continue/)"', asked)[1]
    client.post(answer, {"answer": "yes"})
    assert "continuent-elles" not in home(client, writer)


def test_what_is_new_is_of_one_s_own_sheets(client, staff, writer, network, structure, public, make_action):
    there = StructureFactory(network=network, name="Le Gué")
    taker = person(network, there)
    copy = take_up(actor=taker, action=public, network=network, structure=there, title="Chez nous", token="t" * 32)
    publish(actor=staff, action=copy)
    make_action(title="Sans rapport")
    Action.objects.filter(pk=public.pk).update(published_at=timezone.now() - timedelta(days=40))
    told = home(client, writer).partition("Du nouveau pour vos fiches")[2].partition("</section>")[0]
    assert f"« {public.title} », reprise par Le Gué, aujourd'hui" in told
    assert "Sans rapport" not in told
    told = home(client, taker).partition("Du nouveau pour vos fiches")[2].partition("</section>")[0]
    assert "au catalogue, aujourd'hui" in told
    assert "reprend" not in told


# Those who read


@pytest.mark.parametrize("kind", [RoleKind.READER, RoleKind.REFERENT, RoleKind.PROFESSIONAL, RoleKind.FUNDER_AGENT])
def test_who_reads_searches_and_follows_what_is_new(client, network, structure, draft, make_action, kind):
    make_action(title="Le café")
    user = person(network, None if kind == RoleKind.READER else structure, kind)
    page = home(client, user)
    main = page.partition("<main")[2]
    assert main.index('type="search"') < main.index("Dernières fiches publiées") < main.index("Le café")
    assert "/actions/flux.atom" in main
    for hidden in ("Jardin", "Écrire une fiche", "Mes fiches", "Inviter", "Pour commencer", "/equipe/relire/"):
        assert hidden not in main


def test_queries_do_not_grow(client, staff, admin, writer, network, structure, public, make_action):
    director = person(network, structure, "director")
    there = StructureFactory(network=network)
    taker, counts = person(network, there), []
    for rows in (1, 3):
        for number in range(rows):
            title = f"Fiche {rows} {number}"
            propose(writer, network, structure, title)
            returned = propose(writer, network, structure, f"{title} rendue")
            ask(staff, returned)
            send_back(actor=staff, action=returned)
            begin_sheet(actor=staff, network=network, structure=structure, title=title, token=title)
            make_action(structure=structure, published_at=timezone.now() - timedelta(days=400))
            copy = take_up(actor=taker, action=public, network=network, structure=there, title=title, token=f"t{title}")
            publish(actor=staff, action=copy)
        for user in (staff, admin, writer, director, taker):
            client.force_login(user)
            with CaptureQueriesContext(connection) as queries:
                assert client.get("/equipe/").status_code == 200
            counts.append(len(queries))
    assert counts[:5] == counts[5:]
    assert max(counts) <= 15
