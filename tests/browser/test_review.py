"""A sheet goes from a structure to the catalogue: a remark, mended, published; the words of the screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.gestures import DIRECTOR, MEMBER, MISSION, begin_sheet, path_of

pytestmark = pytest.mark.browser

with_and_without = pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
PHONE = 360


def propose(page: Page, title: str) -> str:
    """Write what a sheet must say, and propose it; returns its number."""
    return finish(page, begin_sheet(page, title))


def finish(page: Page, address: str) -> str:
    """The same of a sheet begun, from the address of its first section."""
    number = re.search(r"/fiches/(\d+)/", address)[1]
    page.get_by_role("textbox", name="Résumé").fill("On coud ensemble, le soir.")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/avec-qui/")
    page.goto(address.replace("/action/", "/deroulement/"))
    page.get_by_role("textbox", name="Comment ça se passe").fill("Le jeudi, à la lumière.")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/changements/")
    page.goto(f"/equipe/fiches/{number}/proposer/")
    page.get_by_role("button", name="Proposer au réseau").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le réseau relit votre fiche")
    return number


@with_and_without
def test_a_remark_is_mended_and_the_sheet_is_published(open_page, script):
    title = f"La couture du soir, {'avec' if script else 'sans'}"
    writer = open_page(who=MEMBER, script=script, width=PHONE, has_touch=True, is_mobile=True)
    number = propose(writer, title)
    visitor = open_page(script=script, width=PHONE)

    team = open_page(who=MISSION, script=script)
    team.goto("/equipe/relire/")
    team.get_by_role("link", name=title, exact=True).click()
    passage = team.locator("#champ-summary")
    passage.get_by_text("Remarque", exact=False).first.click()
    passage.get_by_label("Ce que vous demandez").fill("Dites pour qui, et combien.")
    passage.get_by_role("button", name="Ajouter la remarque").click()
    expect(team.locator("#champ-summary")).to_contain_text("Dites pour qui, et combien.")
    team.get_by_role("button", name="Renvoyer avec 1 remarque").click()
    expect(team.get_by_text("Fiche renvoyée")).to_be_visible()

    writer.goto("/equipe/")
    writer.get_by_role("link", name=re.compile("Reprendre")).first.click()
    writer.goto(f"/equipe/fiches/{number}/ecrire/action/")
    expect(writer.locator("#rubrique-summary")).to_contain_text("Dites pour qui, et combien.")
    writer.get_by_role("textbox", name="Résumé").fill("On coud ensemble, le soir : onze voisines et un tailleur.")
    writer.get_by_role("button", name="C’est repris").click()
    expect(writer.locator("#rubrique-summary")).not_to_contain_text("Dites pour qui")
    writer.goto(f"/equipe/fiches/{number}/proposer/")
    writer.get_by_role("button", name="Proposer au réseau").click()

    team.goto(f"/equipe/fiches/{number}/relire/")
    expect(team.locator("#changements")).to_contain_text("1 rubrique a changé depuis le renvoi")
    expect(team.locator("#champ-summary ins")).to_contain_text("onze voisines et un tailleur")
    expect(team.locator("#champ-summary")).to_contain_text("Reprise")
    assert visitor.goto(f"/actions/?q={title}").status == 200
    expect(visitor.get_by_role("heading", name=title)).to_have_count(0)
    team.get_by_role("button", name="Publier", exact=True).click()
    expect(team.get_by_text("Fiche publiée.")).to_be_visible()
    visitor.goto(path_of(team))
    expect(visitor.get_by_role("heading", level=1)).to_have_text(title)
    expect(visitor.get_by_text("onze voisines et un tailleur")).to_be_visible()


@with_and_without
def test_what_was_refused_keeps_its_words_and_says_where(open_page, watch, script):
    watch.expected = {422}
    team = open_page(who=MISSION, script=script, width=PHONE)
    team.goto("/equipe/relire/")
    team.locator("main li h2 a").first.click()
    passage = team.locator("#champ-summary")
    passage.get_by_text("Remarque", exact=False).first.click()
    passage.get_by_role("button", name="Ajouter la remarque").click()
    expect(team.locator("#erreurs")).to_be_focused()
    team.locator("#erreurs a").click()
    expect(team.locator("#remarque-summary")).to_be_in_viewport()


def test_a_version_comes_back_by_a_rewriting(open_page):
    director = open_page(who=DIRECTOR)
    director.goto("/actions/?q=friperie")
    director.locator(".result .title a").first.click()
    director.get_by_role("link", name="Historique de la fiche").click()
    director.get_by_role("link", name=re.compile("Revenir à cette version")).last.click()
    expect(director.locator("ins").first).to_be_visible()
    director.get_by_role("link", name="Laisser comme aujourd’hui").click()
    expect(director.get_by_role("heading", level=1)).to_have_text("Historique")


def test_a_remark_that_is_not_added_is_seen_before_an_answer(open_page):
    number = propose(open_page(who=MEMBER), "La couture sans remarque")
    team = open_page(who=MISSION, width=PHONE)
    team.goto(f"/equipe/fiches/{number}/relire/")
    passage = team.locator("#champ-summary")
    passage.get_by_text("Remarque", exact=False).first.click()
    words = passage.get_by_label("Ce que vous demandez")
    words.fill("Dites pour qui.")
    passage.get_by_text("Remarque", exact=False).first.click()  # folded, as when one reads on
    team.get_by_role("button", name="Publier", exact=True).click()
    expect(words).to_be_focused()
    assert words.evaluate("(text) => text.validationMessage").startswith("Cette remarque")
    words.fill("")
    team.get_by_role("button", name="Publier", exact=True).click()
    expect(team.get_by_text("Fiche publiée.")).to_be_visible()
