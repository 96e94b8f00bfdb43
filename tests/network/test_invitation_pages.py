"""From the page of people to the first page of who was invited."""

import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import NetworkFactory, StructureFactory, UserFactory
from tests.network.door import PASSWORD, account, enter, is_in, letter_to, link_in
from tests.network.roles import works_in
from tisserand.messages.models import Message
from tisserand.network.links import invitation_address
from tisserand.network.models import Affiliation, Invitation, Role, User
from tisserand.network.operations import end_role, grant_role, invite, renew_invitation
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db
PEOPLE = "/equipe/personnes/"
NADIA = "nadia@exemple.example"
NEWCOMER = {"first_name": "Nadia", "last_name": "Bertin", "password": PASSWORD}


@pytest.fixture
def director(network, structure):
    user = account(first_name="Odile", last_name="Vasseur")
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="director")
    return user


@pytest.fixture
def office(client, director):
    client.force_login(director)
    return client


def text(answer) -> str:
    return answer.content.decode()


def send(client, kind="member", email=NADIA, **values):
    return client.post(PEOPLE, {"email": email, "kind": kind, **values})


def place(network, structure=None) -> str:
    return f"{network.pk}-{structure.pk if structure else ''}"


def test_a_director_invites_an_animator_who_comes_in(office, network, structure):
    page = text(office.get(PEOPLE))
    assert "Membre de l&#x27;équipe" in page or "Membre de l’équipe" in page
    assert "Direction" not in page.split('name="kind"', 1)[1]
    answer = send(office, place=place(network, structure))
    assert answer["Location"] == PEOPLE
    letter = letter_to(NADIA)
    assert "Odile Vasseur vous invite à rejoindre" in letter
    assert structure.name in letter
    link = link_in(letter)
    newcomer = Client()
    page = text(newcomer.get(link)).replace("<wbr>", "")
    assert "Odile Vasseur vous invite" in page
    assert NADIA in page
    answer = newcomer.post(link, NEWCOMER)
    assert answer["Location"] == "/equipe/"
    assert structure.name in text(newcomer.get("/equipe/"))
    user = User.objects.get(email=NADIA)
    assert works_in(user, network, structure)
    assert EmailAddress.objects.get(user=user).verified
    assert "acceptée" in text(Client().get(link))
    assert Client().post(link, NEWCOMER).status_code == 410
    assert newcomer.get(link)["Location"] == "/equipe/"


def test_who_was_just_invited_sets_up_a_second_factor_at_once(settings, network):
    settings.SECOND_FACTOR = True
    invitation, _new = invite(actor=SYSTEM, network=network, kind="mission", email=NADIA)
    newcomer = Client()
    newcomer.post(link_in(invitation_address(invitation)), NEWCOMER)
    assert newcomer.get("/equipe/")["Location"] == "/compte/deuxieme-verification/"
    assert newcomer.get("/compte/application/").status_code == 200  # the password was typed a moment ago


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"first_name": ""}, "votre prénom"),
        ({"password": "court"}, "12"),
        ({"password": "nadia@exemple.example"}, "semblable"),
    ],
)
def test_what_a_newcomer_must_mend(network, changed, told):
    invitation, _new = invite(actor=SYSTEM, network=network, kind="reader", email=NADIA)
    answer = Client().post(link_in(invitation_address(invitation)), NEWCOMER | changed)
    assert answer.status_code == 422
    assert told in text(answer)
    assert not User.objects.filter(email=NADIA).exists()


def test_who_has_an_account_logs_in_then_says_yes(network, structure):
    nadia = account(email=NADIA)
    invitation, _new = invite(actor=SYSTEM, network=network, structure=structure, kind="member", email=NADIA)
    link, client = link_in(invitation_address(invitation)), Client()
    page = text(client.get(link))
    assert "a déjà un compte" in page
    assert "password" not in page
    client.post(link, NEWCOMER)
    assert not Role.objects.filter(user=nadia).exists()
    assert client.post("/connexion/", {"login": NADIA, "password": PASSWORD, "next": link})["Location"] == link
    assert ">Accepter<" in text(client.get(link))
    assert client.post(link)["Location"] == "/equipe/"
    assert client.post(link)["Location"] == "/equipe/"
    assert Role.objects.filter(user=nadia).count() == 1
    assert nadia.check_password(PASSWORD)


def test_someone_else_is_told_to_leave_first(office, network, structure, director):
    for known in (False, True):
        if known:
            account(email=NADIA)
        invitation, _new = invite(actor=SYSTEM, network=network, structure=structure, kind="referent", email=NADIA)
        link = link_in(invitation_address(invitation))
        page = text(office.get(link))
        assert "cette invitation est pour nadia@exemple.example" in page
        office.post(link)
        assert not Role.objects.filter(kind="referent").exists()
        Invitation.objects.all().delete()


def dead(link: str) -> str:
    answer = Client().get(link)
    assert answer.status_code == 410
    assert Client().post(link, NEWCOMER).status_code == 410
    assert not User.objects.filter(email=NADIA).exists()
    return text(answer)


def test_links_that_no_longer_work(office, network, structure, director):
    send(office, place=place(network, structure))
    invitation = Invitation.objects.get()
    first = link_in(letter_to(NADIA))
    office.post(f"{PEOPLE}invitations/{invitation.pk}/renvoyer/", {"seen": invitation.sent_at.isoformat()})
    assert "dernier message" in dead(first)
    second = link_in(letter_to(NADIA))
    assert Client().get(second).status_code == 200
    Invitation.objects.update(sent_at=timezone.now() - timedelta(days=14))
    assert "Odile Vasseur" in dead(second)
    assert "ne marche plus" in text(office.get(PEOPLE))
    Invitation.objects.update(sent_at=timezone.now())
    office.post(f"{PEOPLE}invitations/{invitation.pk}/retirer/")
    dead(second)
    assert NADIA not in text(office.get(PEOPLE)).split("<h1>")[1]


def test_a_link_of_someone_who_left(office, network, structure, director):
    send(office, place=place(network, structure))
    end_role(actor=SYSTEM, role=director.roles.get())
    dead(link_in(letter_to(NADIA)))


@pytest.mark.parametrize("token", ["x", "WzEsIngiXQ:abc", "é", "[1]"])
def test_links_that_nobody_made(client, db, token):
    assert client.get(f"/invitation/{token}/").status_code == 404


def test_a_letter_that_programs_open_accepts_nothing(network):
    invitation, _new = invite(actor=SYSTEM, network=network, kind="reader", email=NADIA)
    for _opened in range(2):
        Client().get(link_in(invitation_address(invitation)))
    assert not Role.objects.exists()


def test_sending_again_twice_is_once(office, network, structure):
    send(office, place=place(network, structure))
    invitation = Invitation.objects.get()
    for _click in range(3):
        office.post(f"{PEOPLE}invitations/{invitation.pk}/renvoyer/", {"seen": invitation.sent_at.isoformat()})
    assert len(mail.outbox) == 2
    renew_invitation(actor=SYSTEM, invitation=invitation)
    assert len(mail.outbox) == 3


def test_inviting_twice_is_once_and_said(office, network, structure):
    send(office, place=place(network, structure))
    send(office, place=place(network, structure))
    assert len(mail.outbox) == 1
    assert "a déjà cette invitation" in text(office.get(PEOPLE))


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_make_one_row_and_one_letter(director, network, structure):
    clients = [Client() for _n in range(50)]
    for client in clients:
        client.force_login(director)
    start, statuses = threading.Barrier(50), []

    def click(client):
        start.wait()
        try:
            statuses.append(send(client, place=place(network, structure)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [302] * 50
    assert Invitation.objects.count() == Message.objects.filter(kind="network.invitation").count() == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"email": "pas une adresse"}, "adresse"),
        ({"email": ""}, "Écrivez l’adresse"),
        ({"kind": "director"}, "choix"),
        ({"kind": ""}, "Choisissez un rôle"),
        ({"place": "9-9"}, "choix"),
    ],
)
def test_what_a_director_must_mend(office, network, structure, values, told):
    answer = office.post(PEOPLE, {"email": NADIA, "kind": "member", "place": place(network, structure)} | values)
    assert answer.status_code == 422
    assert told.lower() in text(answer).lower()
    assert not Invitation.objects.exists()


def test_a_role_goes_where_it_is_held(client, network, structure, admin):
    client.force_login(admin)
    assert send(client, kind="mission", place=place(network, structure)).status_code == 422
    assert send(client, kind="member", place=place(network)).status_code == 422
    assert send(client, kind="mission", place=place(network)).status_code == 302
    assert send(client, kind="director", place=place(network, structure)).status_code == 302
    assert Invitation.objects.count() == 2


def test_who_has_the_role_is_not_invited(office, network, structure):
    user = account(email=NADIA)
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    assert "a déjà ce rôle" in text(send(office, place=place(network, structure)))


def test_a_director_sees_their_structure_alone(office, network, structure):
    other = StructureFactory(network=network)
    elsewhere = NetworkFactory()
    for where, net, name in ((structure, network, "Ici"), (other, network, "Ailleurs")):
        user = UserFactory(first_name=name)
        grant_role(actor=SYSTEM, user=user, network=net, structure=where, kind="member")
        invite(actor=SYSTEM, network=net, structure=where, kind="referent", email=f"{name.lower()}@exemple.example")
    grant_role(actor=SYSTEM, user=UserFactory(first_name="Loin"), network=elsewhere, kind="mission")
    page = text(office.get(PEOPLE))
    assert "Ici Bertin" in page
    assert "ici@exemple.example" in page
    for hidden in ("Ailleurs", "ailleurs@", "Loin"):
        assert hidden not in page
    for role in Role.objects.exclude(structure=structure):
        assert office.post(f"{PEOPLE}{role.pk}/fin/").status_code == 404
    invitation = Invitation.objects.get(structure=other)
    for gesture in ("renvoyer", "retirer"):
        assert office.post(f"{PEOPLE}invitations/{invitation.pk}/{gesture}/").status_code == 404


def test_who_keeps_a_network_and_directs_elsewhere_sees_both(client, network, structure, staff):
    elsewhere = NetworkFactory()
    theirs, not_theirs = StructureFactory(network=elsewhere), StructureFactory(network=elsewhere)
    grant_role(actor=SYSTEM, user=staff, network=elsewhere, structure=theirs, kind="director")
    for net, where in ((network, structure), (elsewhere, theirs), (elsewhere, not_theirs)):
        grant_role(actor=SYSTEM, user=UserFactory(), network=net, structure=where, kind="referent")
    client.force_login(staff)
    page = text(client.get(PEOPLE))
    assert structure.name in page
    assert theirs.name in page
    assert not_theirs.name not in page
    assert send(client, place=place(elsewhere, theirs)).status_code == 302
    assert send(client, place=place(elsewhere, not_theirs)).status_code == 422


def test_a_member_sees_nobody(client, network, structure):
    user = account()
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    client.force_login(user)
    assert client.get(PEOPLE).status_code == 403
    assert PEOPLE not in text(client.get("/equipe/"))


def test_a_role_is_ended_and_given_back(office, network, structure):
    user = UserFactory(first_name="Karim")
    role = grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    for started in (timezone.localdate(), timezone.localdate() - timedelta(days=40)):
        Role.objects.filter(user=user).update(starts=started)
        role = Role.objects.get(user=user)
        answer = office.post(f"{PEOPLE}{role.pk}/fin/")
        assert not works_in(user, network, structure)
        page = text(office.get(answer["Location"]))
        assert "Karim" in page.split("rendre ce rôle")[0]
        token = page.split('name="token" value="')[1].split('"')[0]
        for _click in range(2):
            office.post(f"{PEOPLE}redonner/", {"token": token})
        assert works_in(user, network, structure)
        assert Role.objects.filter(user=user).count() == 1
        assert Role.objects.get(user=user).starts == started


def test_a_membership_that_has_its_end_is_still_one(client, network, structure, staff):
    client.force_login(staff)
    tie = Affiliation.objects.filter(network=network, structure=structure)
    tie.update(ends=timezone.localdate() + timedelta(days=30))
    chosen = {"place": place(network, structure)}
    assert send(client, **chosen).status_code == 302
    user = UserFactory()
    role = grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    tie.update(starts=timezone.localdate() - timedelta(days=9), ends=timezone.localdate() - timedelta(days=1))
    waits = Invitation.objects.get(email=NADIA)
    answer = client.post(f"{PEOPLE}invitations/{waits.pk}/renvoyer/", {"seen": ""}, follow=True)
    assert "pas membre" in text(answer)
    assert client.post(f"{PEOPLE}invitations/{waits.pk}/retirer/").status_code == 302
    assert not Invitation.objects.filter(email=NADIA, withdrawn_at=None).exists()
    ended = client.post(f"{PEOPLE}{role.pk}/fin/")
    assert not works_in(user, network, structure)
    token = text(client.get(ended["Location"])).split('name="token" value="')[1].split('"')[0]
    assert "pas membre" in text(client.post(f"{PEOPLE}redonner/", {"token": token}, follow=True))
    assert not works_in(user, network, structure)


def test_who_keeps_a_network_without_a_structure_is_told_where_they_come_from(client, network, staff):
    client.force_login(staff)
    answer = client.get(PEOPLE)
    assert answer.status_code == 200
    assert "pas encore de structure" in text(answer)
    assert send(client, place=place(network)).status_code == 422


def test_a_role_of_someone_erased_since_is_not_given_back(office, network, structure):
    user = UserFactory()
    role = grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    ended = office.post(f"{PEOPLE}{role.pk}/fin/")
    token = text(office.get(ended["Location"])).split('name="token" value="')[1].split('"')[0]
    User.objects.filter(pk=user.pk).delete()
    assert "effacé" in text(office.post(f"{PEOPLE}redonner/", {"token": token}, follow=True))


def test_nobody_gives_back_what_they_may_not_give(office, client, network, structure, admin):
    user = UserFactory()
    role = grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind="member")
    answer = office.post(f"{PEOPLE}{role.pk}/fin/")
    token = answer["Location"].split("fini=")[1]
    grant_role(actor=SYSTEM, user=(member := account()), network=network, structure=structure, kind="member")
    other = Client()
    other.force_login(member)
    assert other.post(f"{PEOPLE}redonner/", {"token": token}).status_code == 403
    assert office.post(f"{PEOPLE}redonner/", {"token": token[:-1] + "x"}).status_code == 404
    assert not user.roles.exists()


def test_a_director_ends_no_director(office, director, network, structure):
    role = director.roles.get()
    assert f"/equipe/personnes/{role.pk}/fin/" not in text(office.get(PEOPLE))
    assert office.post(f"{PEOPLE}{role.pk}/fin/").status_code == 403


def test_a_network_keeps_someone_who_administers_it(client, network, admin):
    client.force_login(admin)
    answer = client.post(f"{PEOPLE}{admin.roles.get().pk}/fin/")
    assert "au moins une personne" in text(client.get(answer["Location"]))


def test_people_of_one_structure(client, network, staff):
    client.force_login(staff)
    here, there = StructureFactory(network=network), StructureFactory(network=network)
    for where, name in ((here, "Ici"), (there, "Ailleurs")):
        user = UserFactory(first_name=name)
        grant_role(actor=SYSTEM, user=user, network=network, structure=where, kind="member")
    page = text(client.get(PEOPLE, {"structure": here.slug}))
    assert "Ici Bertin" in page
    assert "Ailleurs Bertin" not in page


def test_queries_do_not_grow(client, network, staff):
    client.force_login(staff)
    counts = []
    for rows in (1, 2):
        for n in range(rows):
            where = StructureFactory(network=network)
            grant_role(actor=SYSTEM, user=UserFactory(), network=network, structure=where, kind="member")
            invite(actor=SYSTEM, network=network, structure=where, kind="member", email=f"p{n}@exemple.example")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PEOPLE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_a_link_enters_only_by_its_own_door(network):
    """The address opened, the role taken, the account opened are one: nothing stays half done."""
    invitation, _new = invite(actor=SYSTEM, network=network, kind="reader", email=NADIA)
    client = Client()
    client.post(link_in(invitation_address(invitation)), NEWCOMER)
    assert is_in(client)
    assert enter(Client(), NADIA)["Location"] == "/equipe/"


def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_invitations_that_wait_are_read_page_by_page(client, admin, network, monkeypatch):
    monkeypatch.setattr("tisserand.network.views.people.BESIDE", 2)
    for number in range(3):
        invite(actor=SYSTEM, network=network, kind="reader", email=f"i{number}@exemple.example")
    client.force_login(admin)
    waiting = [client.get(f"/equipe/personnes/{query}").context["invitations"] for query in ("", "?invitations=2")]
    assert [[one.email[:2] for one in page] for page in waiting] == [["i2", "i1"], ["i0"]]
