"""One sheet, from an invitation to another town, as a network lives it: what the whole is for."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.gestures import MISSION, begin_sheet, log_in, path_of
from tests.browser.test_door import invited, leave, press
from tests.browser.test_writing import CUT, SAVED, field, sections_fetched, told

pytestmark = pytest.mark.browser
SASHA, PHRASE = "sasha.morvan@lanavette.example", "un banc sous le tilleul"
ELSEWHERE = "mireille.astier@oseraies.example"
TITLE = "Le banc des raccommodeurs"
PHONE = {"width": 360, "has_touch": True, "is_mobile": True}


def come_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Prénom").fill("Sasha")
    page.get_by_label("Nom", exact=True).fill("Morvan")
    page.get_by_label("Mot de passe").fill(PHRASE)
    press(page, "Accepter et entrer")
    page.wait_for_url("**/equipe/")


def write_with_one_cut(page: Page) -> str:
    """Write what a sheet must say, in a room where the network goes and comes back; returns the sheet's number."""
    number = re.search(r"/fiches/(\d+)/", begin_sheet(page, TITLE))[1]
    field(page, "Résumé").press_sequentially("On répare les chaises du quartier")
    told(page, SAVED)
    sections_fetched(page)
    page.context.set_offline(True)
    field(page, "Résumé").press_sequentially(", assis dessus.")
    press(page, "Enregistrer et continuer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Avec qui, pour qui")
    press(page, "Enregistrer et continuer")
    field(page, "Comment ça se passe").fill("Le samedi, devant la halle, avec de la colle et du café.")
    told(page, CUT)
    page.context.set_offline(False)
    told(page, SAVED)
    return number


def propose(page: Page, number: str) -> None:
    page.goto(f"/equipe/fiches/{number}/proposer/")
    press(page, "Proposer au réseau")
    expect(page.get_by_role("heading", level=1)).to_have_text("Le réseau relit votre fiche")


def test_invited_written_read_mended_published_and_taken_up(open_page, read_letter, watch):
    director = open_page()
    link = invited(director, read_letter, SASHA)
    leave(director)
    writer = open_page(**PHONE)
    come_in(writer, link)
    number = write_with_one_cut(writer)
    propose(writer, number)

    stranger = open_page(script=False)
    log_in(stranger, ELSEWHERE)
    watch.expected = {404}
    for place in (f"/actions/{number}/", f"/equipe/fiches/{number}/ecrire/action/", f"/actions/{number}/fiche.pdf"):
        assert stranger.request.get(place).status == 404, place
    assert TITLE not in stranger.request.get("/api/actions?q=raccommodeurs").text()

    team = open_page(who=MISSION)
    team.goto("/equipe/relire/")
    team.get_by_role("link", name=TITLE, exact=True).click()
    passage = team.locator("#champ-summary")
    passage.get_by_text("Remarque", exact=False).first.click()
    passage.get_by_label("Ce que vous demandez").fill("Combien de personnes ?")
    passage.get_by_role("button", name="Ajouter la remarque").click()
    press(team, "Renvoyer avec 1 remarque")
    expect(team.get_by_text("Fiche renvoyée")).to_be_visible()

    letter = read_letter(SASHA, after=1)
    assert TITLE in letter
    writer.goto(f"/equipe/fiches/{number}/ecrire/action/")
    expect(writer.locator("#rubrique-summary")).to_contain_text("Combien de personnes ?")
    field(writer, "Résumé").fill("À neuf, on répare les chaises du quartier, assis dessus.")
    press(writer, "C’est repris")
    expect(writer.locator("#rubrique-summary")).not_to_contain_text("Combien de personnes ?")  # it was heard
    propose(writer, number)

    team.goto(f"/equipe/fiches/{number}/relire/")
    team.get_by_role("button", name="Publier", exact=True).click()
    expect(team.get_by_text("Fiche publiée.")).to_be_visible()

    stranger.goto(path_of(team))
    stranger.get_by_role("link", name="S’en inspirer").click()
    stranger.get_by_label("Titre de la fiche").fill("Le banc d'ici")
    stranger.get_by_role("button", name="Commencer ma fiche").click()
    copy = re.search(r"/fiches/(\d+)/", path_of(stranger))[1]
    team.goto(f"/actions/{copy}/")
    team.get_by_role("link", name="Relire et publier").click()
    team.get_by_role("button", name="Publier", exact=True).click()
    writer.goto(f"/actions/{number}/")
    expect(writer.get_by_role("link", name=re.compile("Reprise par"))).to_be_visible()
    expect(writer.get_by_role("main")).to_contain_text("À neuf, on répare")
