"""A question goes round the network: asked on a phone, answered by two others, closed; the words of the screen."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.gestures import DIRECTOR, MISSION, READER, path_of
from tests.browser.test_review import finish

pytestmark = pytest.mark.browser

OTHER = "mireille.astier@oseraies.example"


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_a_question_finds_a_sheet_that_was_there_and_a_new_one(open_page, script):
    question = f"Qui prend le train avec des familles, {'vite' if script else 'lentement'} ?"
    shown = re.compile(question.removesuffix(" ?"))
    asker = open_page(who=OTHER, script=script, width=360, has_touch=True, is_mobile=True)
    asker.goto("/appels/")
    asker.get_by_role("link", name="Demander au réseau").click()
    asker.get_by_label("Votre question").fill(question)
    asker.get_by_role("button", name="Poser la question").click()
    expect(asker.get_by_role("heading", level=1)).to_have_text(shown)
    here = path_of(asker)

    writer = open_page(who=DIRECTOR, script=script)
    writer.goto("/equipe/")
    writer.get_by_role("link", name=shown).click()
    proposed = writer.locator("#repondre li", has_text="On prend le train")
    writer.locator("#repondre summary").click()
    writer.get_by_label("Quelques mots").fill("Six fois par an, sans car.")
    proposed.get_by_role("button", name="Répondre avec cette fiche").click()
    expect(writer.locator("#messages")).to_contain_text("votre réponse est donnée")
    writer.get_by_role("link", name="Écrire une fiche pour y répondre").click()
    title = f"Le train du dimanche, {'vite' if script else 'lentement'}"
    writer.get_by_label("Titre de la fiche").fill(title)
    writer.get_by_role("button", name="Commencer").click()
    writer.wait_for_url("**/ecrire/action/")
    number = finish(writer, path_of(writer))

    asker.goto(here)
    expect(asker.locator("#reponses")).to_have_text("Une fiche y répond")
    expect(asker.locator("main")).to_contain_text("Six fois par an, sans car.")
    expect(asker.locator("main")).not_to_contain_text(title)

    team = open_page(who=MISSION, script=script)
    team.goto(f"/equipe/fiches/{number}/relire/")
    team.get_by_role("button", name="Publier", exact=True).click()
    asker.goto("/equipe/")
    asker.get_by_role("link", name=shown).click()
    expect(asker.locator("#reponses")).to_have_text("2 fiches y répondent")
    asker.get_by_role("button", name="Remercier et clore").click()
    expect(asker.locator("main .notice", has_text="Question close le")).to_be_visible()

    reader = open_page(who=READER, script=script)
    reader.goto("/appels/")
    reader.locator("[aria-labelledby=closes]").get_by_role("link", name=shown).click()
    expect(reader.get_by_role("link", name=title)).to_be_visible()
    expect(reader.get_by_role("button", name="Répondre")).to_have_count(0)
