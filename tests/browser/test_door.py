"""Coming in, as people do: invited, by password, by code, with a passkey and an application; each page looked at."""

import re
import zipfile
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import TELL_BLOCKED, Watch
from tests.browser.gestures import DIRECTOR, PATIENCE, log_in, path_of
from tests.browser.test_pages import DESK, NARROWEST, PHONE, faults, sideways
from tests.network.door import code_in, code_of

pytestmark = pytest.mark.browser
LILA, PHRASE = "lila.moreau@exemple.example", "le soleil se lève tard"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
Look = Callable[[Page], None]


@pytest.fixture
def open_door(browser: Browser, address: str) -> Iterator[Callable[[], Page]]:
    """Open a page at `localhost`, where a browser has passkeys."""
    watch = Watch(address.replace("127.0.0.1", "localhost"), expected={410, 422})
    contexts: list[BrowserContext] = []

    def open_one() -> Page:
        context = browser.new_context(base_url=watch.address, locale="fr-FR", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_BLOCKED)
        watch.attach(context)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert watch.problems == []


@pytest.fixture
def look() -> Iterator[Look]:
    """Axe in light and dark, on a desk and a phone; one title; nothing sticks out of a narrow screen."""
    found: dict[str, list[str]] = {}

    def at_page(page: Page) -> None:
        wrong: list[str] = []
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            wrong += faults(page, dark=False) + faults(page, dark=True)
        page.set_viewport_size({"width": NARROWEST, "height": 900})
        wrong += sideways(page)
        page.set_viewport_size({"width": DESK, "height": 900})
        if page.locator("h1").count() != 1:
            wrong.append("not one title")
        if wrong:
            found[path_of(page)] = wrong

    yield at_page
    assert found == {}


def link_of(letter: str) -> str:
    return "/" + re.search(r"https?://\S+", letter)[0].split("/", 3)[3]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def leave(page: Page) -> None:
    page.goto("/deconnexion/")
    press(page, "Se déconnecter")


def invited(page: Page, read_letter: Callable[..., str], email: str) -> str:
    log_in(page, DIRECTOR)
    page.wait_for_url("**/equipe/")
    page.goto("/equipe/personnes/")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Membre de l").check()
    press(page, "Envoyer l")
    page.locator(".messages .notice").wait_for()
    return link_of(read_letter(email))


def test_someone_comes_in_and_makes_the_account_theirs(open_door, read_letter, look):
    page = open_door()
    link = invited(page, read_letter, LILA)
    look(page)
    page.goto(link)
    look(page)  # it is for someone else
    leave(page)
    page.goto(link)
    press(page, "Accepter et entrer")
    page.locator("#erreurs").wait_for()
    look(page)
    for label, value in (("Prénom", "Lila"), ("Mot de passe", PHRASE)):
        page.get_by_label(label).fill(value)
    page.get_by_label("Nom", exact=True).fill("Moreau")
    press(page, "Accepter et entrer")
    page.wait_for_url("**/equipe/")
    look(page)
    for path in ("", "nom/", "appareils/", "mot-de-passe/", "deuxieme-verification/"):
        page.goto(f"/compte/{path}")
        look(page)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto("/compte/cles/ajouter/")  # the password was typed a moment ago
    look(page)
    page.get_by_label("Nom de la clé").fill("Téléphone de Lila")
    press(page, "Ajouter cette clé")
    page.wait_for_url("**/codes-de-secours/")
    look(page)
    page.goto("/compte/application/")
    look(page)
    page.get_by_label("Le code que l").fill(code_of(page.locator("main code").inner_text()))
    press(page, "Enregistrer l")
    page.wait_for_url("**/compte/")
    look(page)
    for name in ("Nommer Téléphone", "Retirer Téléphone", "La retirer", "Les voir", "En faire de nouveaux"):
        page.get_by_role("link", name=name).click()
        look(page)
        if name != "Les voir":
            page.goto("/compte/")
        if name == "La retirer":
            continue
    leave(page)
    page.goto("/connexion/")
    press(page, "Utiliser une clé")
    page.wait_for_url("**/equipe/")
    leave(page)
    log_in(page, LILA, PHRASE)
    page.wait_for_url("**/second-facteur/")
    look(page)
    page.get_by_label("Code").fill("000000")
    press(page, "Entrer")
    page.locator("#erreurs").wait_for()
    look(page)
    press(page, "Utiliser une clé")
    page.wait_for_url("**/equipe/")
    for path in ("", "cle/", "code/"):
        page.goto(f"/compte/confirmer/{path}?next=/compte/application/")
        look(page)
    page.goto(link)
    assert path_of(page) == "/equipe/"
    other = open_door()
    other.goto(link)
    look(other)  # it was taken up


def test_by_code_and_with_a_lost_password(open_door, read_letter, look):
    page = open_door()
    for path in ("", "sur-invitation/", "compte-ferme/", "mot-de-passe-perdu/", "mot-de-passe-perdu/envoye/", "code/"):
        page.goto(f"/connexion/{path}")
        look(page)
    email = "oumar.sy@exemple.example"
    link = invited(open_door(), read_letter, email)
    page.goto(link)
    page.get_by_label("Prénom").fill("Oumar")
    page.get_by_label("Nom", exact=True).fill("Sy")
    page.get_by_label("Mot de passe").fill(PHRASE)
    press(page, "Accepter et entrer")
    page.wait_for_url("**/equipe/")
    leave(page)
    page.goto("/connexion/code/")
    page.get_by_label("Adresse e-mail").fill(email)
    press(page, "Recevoir un code")
    look(page)
    page.get_by_label("Code").fill(code_in(read_letter(email, after=1)))
    page.keyboard.press("Enter")
    page.wait_for_url("**/equipe/")
    leave(page)
    page.goto("/connexion/mot-de-passe-perdu/")
    page.get_by_label("Adresse e-mail").fill(email)
    press(page, "Recevoir le lien")
    page.goto(link_of(read_letter(email, after=2)))
    look(page)
    page.get_by_label("Nouveau mot de passe").fill("une toute autre phrase")
    page.get_by_label("Le même").fill("une toute autre phrase")
    press(page, "Enregistrer ce mot de passe")
    page.wait_for_url("**/equipe/")
    page.goto("/connexion/mot-de-passe/1-abc-def/")
    look(page)  # a link that no longer works


def test_someone_takes_their_data_and_goes(open_door, read_letter, look):
    page = open_door()
    email = "sacha.petit@exemple.example"
    page.goto(invited(open_door(), read_letter, email))
    page.get_by_label("Prénom").fill("Sacha")
    page.get_by_label("Nom", exact=True).fill("Petit")
    page.get_by_label("Mot de passe").fill(PHRASE)
    press(page, "Accepter et entrer")
    page.wait_for_url("**/equipe/")
    page.goto("/compte/donnees/")
    look(page)
    with page.expect_download() as taken:
        press(page, "Télécharger mes données")
    with zipfile.ZipFile(taken.value.path()) as file:
        assert email in file.read("mes-donnees.html").decode()
    page.get_by_role("link", name="Effacer mon compte").click()
    look(page)
    press(page, "Oui, effacer mon compte")
    page.get_by_text("Votre compte est effacé").wait_for()
    assert "Votre compte est effacé" in read_letter(email)  # the others are gone
    log_in(page, email, PHRASE)
    page.locator("#erreurs").wait_for()


def test_the_door_by_keyboard_alone(open_page):
    page = open_page()
    page.goto("/connexion/")
    reached = []
    for _tab in range(18):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
    wanted = ["login", "password", "Se connecter", "Mot de passe perdu", "Recevoir un code"]
    order = [reached.index(one) for one in wanted]
    assert order == sorted(order)


def test_without_javascript_one_comes_in(open_page):
    page = open_page(script=False)
    log_in(page, DIRECTOR)
    page.wait_for_url("**/equipe/")
    assert page.get_by_role("button", name="Utiliser une clé").count() == 0
