"""What the first users do, from the door to the printed sheet; each journey with JavaScript and without."""

import re

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Page, expect

from tests.browser.gestures import DIRECTOR, MISSION, confirm, deposit, log_in, path_of
from tests.deposits import picture, refused
from tests.texts import GARDEN, published
from tisserand.actions.views.imports import AT_ONCE_BYTES, AT_ONCE_ROWS

pytestmark = pytest.mark.browser

with_and_without = pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
APPLIED = "C’est enregistré"
LOOKS = {True: "EVS Le Méttier", False: "Le Métiers"}  # a spelling is asked about once
DIGITAL = {
    **GARDEN,
    "structure": "Espace de vie sociale Le Métier",
    "keywords": ["Accès aux droits"],
    "summary": "Un conseiller accompagne les démarches en ligne, sans rendez-vous.",
    "partners": ["Caf", "Commune"],
    "people": "",
    "funding": "",
}


def count_in(text: str | None) -> int:
    """The first number of a sentence; thousands are set apart by narrow spaces."""
    found = re.search(r"\d[\d\u202f\u00a0]*", text or "")
    assert found, text
    return int(re.sub(r"\D", "", found[0]))


def partner_row(page: Page, label: str) -> tuple[int, int, str]:
    """The count, the base and the evidence of one partner on the page of figures."""
    page.goto("/chiffres/")
    section = page.locator("section", has=page.get_by_role("heading", name="Partenaire"))
    row = section.locator("tbody tr", has=page.get_by_role("rowheader", name=label, exact=True))
    base = section.locator("thead th").last.inner_text()
    link = row.locator("td a")
    return count_in(link.inner_text()), count_in(base), link.get_attribute("href") or ""


@with_and_without
def test_a_file_becomes_a_sheet_found_printed_and_counted(open_page, script):
    title = f"Permanence contre la fracture numérique, {'le lundi' if script else 'le mardi'}"
    visitor = open_page(script=script)
    caf, base, _evidence = partner_row(visitor, "Caf")

    team = open_page(script=script)
    log_in(team)
    expect(team.get_by_role("heading", level=1)).to_contain_text("Bonjour Idriss")
    team.get_by_role("link", name="Importer des fiches").click()
    team.get_by_label("Fichier de fiches").set_input_files(
        [{"name": "fiches.txt", "mimeType": "text/plain", "buffer": published({**DIGITAL, "title": title}).encode()}]
    )
    team.get_by_role("button", name="Lire le fichier").click()
    expect(team.get_by_role("heading", level=1)).to_have_text("Relire ce que le fichier a donné")
    expect(team.get_by_text("Rien n’est encore enregistré.")).to_be_visible()
    expect(team.get_by_role("heading", name=title)).to_be_visible()
    assert visitor.goto(f"/actions/?q={title}").status == 200
    expect(visitor.get_by_role("heading", name=title)).to_have_count(0)
    confirm(team)
    expect(team.get_by_role("heading", level=1)).to_have_text(APPLIED)

    visitor.goto("/actions/")
    box = visitor.get_by_role("searchbox")
    if script:
        with visitor.expect_response(re.compile(r"\?q=fracture(\+|%20)numerique$")) as answered:
            box.press_sequentially("fracture numerique", delay=20)
        assert answered.value.request.headers["hx-request"] == "true"
        expect(visitor).to_have_url(re.compile(r"\?q=fracture\+numerique$"))
        expect(visitor.locator("#annonce")).to_contain_text(" sur ")
        expect(box).to_be_focused()
    else:
        box.fill("fracture numerique")
        visitor.get_by_role("button", name="Chercher").click()
    found = visitor.locator(".result", has=visitor.get_by_role("link", name=title))
    expect(found.locator("mark").first).to_be_visible()
    found.get_by_role("link", name=title).click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text(title)

    paper = visitor.get_by_role("link", name="Imprimer (PDF)").get_attribute("href")
    printed = visitor.context.request.get(paper)
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.headers["x-content-type-options"] == "nosniff"
    assert printed.body().startswith(b"%PDF-")

    count, now, evidence = partner_row(visitor, "Caf")
    assert (count, now) == (caf + 1, base + 1)
    visitor.goto(evidence)
    told = visitor.locator("#resultats strong").first.inner_text()
    assert count_in(told) == count
    assert count_in(told.partition(" sur ")[2]) == now


def test_results_follow_the_words_and_the_filters(open_page):
    """What was opened stays open, the focus stays where it was, and the history goes back."""
    page = open_page()
    page.goto("/actions/")
    every = page.locator("#resultats strong").first.inner_text()
    page.locator("#f-partner summary").first.click()
    page.locator("#partner-caf").check()
    expect(page).to_have_url(re.compile(r"partner=caf"))
    expect(page.locator("#partner-caf")).to_be_focused()
    expect(page.locator("#f-partner")).to_have_attribute("open", "")
    expect(page.locator("a.tag")).to_have_text(re.compile("^Caf"))
    page.locator("a.tag").click()
    expect(page.locator("#resultats strong").first).to_have_text(every)
    page.go_back()
    expect(page.locator("a.tag")).to_have_text(re.compile("^Caf"))
    page.go_back()
    expect(page.locator("#resultats strong").first).to_have_text(every)
    expect(page.locator("a.tag")).to_have_count(0)


@with_and_without
def test_on_a_phone_the_filters_lead_to_what_they_found(open_page, script):
    page = open_page(script=script, width=360)
    page.goto("/actions/")
    page.locator(".filters > summary").click()
    page.locator("#f-partner > summary").click()
    page.locator("#partner-caf").check()
    if script:
        expect(page.locator("a.tag")).to_have_text(re.compile("^Caf"))
    button = page.locator(".filters > .actions button")
    expect(button).to_be_in_viewport()  # it follows the reader down the filters
    button.click()
    expect(page).to_have_url(re.compile(r"partner=caf" if script else r"partner=caf#liste$"))
    expect(page.locator("#liste strong").first).to_be_in_viewport()
    expect(page.locator(".filters")).not_to_have_attribute("open", "")
    if script:
        expect(page.locator("#liste")).to_be_focused()


def test_the_title_follows_a_live_search_and_one_step_back_leaves_it(open_page):
    page = open_page()
    page.goto("/actions/")
    start = page.evaluate("history.length")
    box = page.get_by_role("searchbox")
    for letters, word in (("jar", "jar"), ("din", "jardin")):
        box.press_sequentially(letters)
        expect(page).to_have_url(re.compile(f"q={word}$"))
    expect(page).to_have_title(re.compile(r"^«\u00a0jardin\u00a0», \d+ fiches"))
    with page.expect_response(re.compile("q=jardin$")):
        box.press("Enter")
    assert page.evaluate("history.length") == start + 1
    page.go_back()
    expect(page).to_have_title(re.compile("^Actions"))
    expect(box).to_have_value("")


@with_and_without
def test_numbers_are_accepted_corrected_and_set_aside(open_page, watch, script):
    watch.expected = {422}
    title = f"La permanence à trois nombres, {'avec' if script else 'sans'}"
    page = open_page(who=MISSION, script=script)
    texts = {"people": "24 habitants et 3 bénévoles", "funding": "1 200 € par an", "summary": ""}
    deposit(page, published({**DIGITAL, **texts, "title": title}))
    confirm(page)
    page.locator(".title").get_by_role("link", name=title).click()
    page.get_by_role("link", name="Relire 3 nombres").click()
    asked = path_of(page)

    def number(text: str):
        return page.locator("ul.rows > li", has_text=f"lu « {text}")

    number("24 habitants").get_by_label("Retenir").check()
    number("3 bénévoles").get_by_label("Écarter").check()
    money = number("1 200")
    low = money.get_by_label("Nombre")
    expect(low).to_be_hidden()
    money.get_by_role("radio", name="Corriger").check()
    low.fill("")
    page.get_by_role("button", name="Garder ces choix").click()
    expect(page.locator("#erreurs")).to_contain_text("Un nombre est à corriger")
    expect(number("24 habitants").get_by_label("Retenir")).to_be_checked()
    expect(number("3 bénévoles").get_by_label("Écarter")).to_be_checked()
    page.locator("#erreurs a").click()
    expect(low).to_be_focused()
    expect(low).to_have_attribute("aria-invalid", "true")
    low.fill("1300")
    page.get_by_role("button", name="Garder ces choix").click()
    expect(page.locator("#messages")).to_contain_text("3 choix gardés pour")
    assert path_of(page) != asked  # the next sheet
    page.locator("#messages a").click()
    assert path_of(page) == asked
    expect(page.get_by_text("Tous les nombres de cette fiche sont relus.")).to_be_visible()
    expect(number("24 habitants").locator("b")).to_have_text("Retenu")
    expect(number("3 bénévoles").locator("b")).to_have_text("Écarté")
    expect(money.locator("b")).to_have_text("Retenu, corrigé")
    expect(money.locator("legend")).to_contain_text("300")
    money.get_by_label("Plus tard").check()
    page.get_by_role("button", name="Garder ces choix").click()
    page.goto(asked)
    expect(page.get_by_text("1 nombre à relire.")).to_be_visible()


def test_a_large_import_is_left_to_the_worker(open_page):
    """Read and written beside the page, which follows by itself until it is done."""
    page = open_page(who=MISSION)
    count = AT_ONCE_ROWS + 100
    padding = "On se retrouve, on parle, on recommence la semaine suivante. " * (AT_ONCE_BYTES // count // 60 + 1)
    bare = {"structure": "Centre social La Grande Laize", "status": "En cours", "description": padding.strip()}
    sheets = [{**bare, "title": f"Fil {n} de la grande laize", "summary": f"Fil {n}."} for n in range(count)]
    deposit(page, published(*sheets), name="trois-cents.txt", draft=True)
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("Lecture du fichier")
    expect(page.locator("#avancement")).to_contain_text("Rien n’est encore enregistré")
    expect(title).to_have_text("Relire ce que le fichier a donné", timeout=60_000)
    confirm(page)
    expect(title).to_have_text("Enregistrement des fiches")
    expect(page.locator("#avancement .num")).to_contain_text(f"{count} fiches lues")
    expect(title).to_have_text(APPLIED, timeout=60_000)
    expect(page.locator(".lead")).to_have_text(f"{count} fiches gardées en brouillon.")
    page.goto("/equipe/brouillons/")
    assert count_in(page.locator(".lead").inner_text()) >= count


def test_the_same_file_twice_changes_nothing(open_page):
    page = open_page(who=MISSION)
    text = published({**DIGITAL, "title": "La fiche déposée deux fois"})
    deposit(page, text)
    confirm(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(APPLIED)
    deposit(page, text)
    expect(page.get_by_role("heading", level=1)).to_contain_text("ce fichier est déjà dans le catalogue")
    expect(page.get_by_role("button", name="Enregistrer l")).to_have_count(0)


@with_and_without
def test_a_look_alike_structure_and_a_contradiction_are_settled_before_saving(open_page, script):
    """Saving without a choice is refused, beside it; what was chosen stays; then everything is saved at once."""
    way = "avec" if script else "sans"
    title = f"La navette des choix, {way}"
    page = open_page(who=MISSION, script=script)
    deposit(page, published({**DIGITAL, "title": title}))
    confirm(page)
    page.locator(".title").get_by_role("link", name=title).click()
    page.get_by_role("button", name="Modifier").click()
    page.get_by_role("textbox", name="Résumé").fill("Écrit ici.")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/avec-qui/")
    page.locator(".steps a").last.click()
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_text("Fiche publiée.")).to_be_visible()

    ours = {**DIGITAL, "title": title, "summary": "Écrit ailleurs."}
    theirs = {**DIGITAL, "title": f"Un bal, {way}", "structure": LOOKS[script], "summary": "On danse."}
    theirs |= {"objectives": "Danser.", "description": "Au parquet."}
    deposit(page, published(ours, theirs))
    page.locator("input[name='1.summary'][value=file]").check()
    confirm(page)
    expect(page.locator("#erreurs")).to_be_focused()
    expect(page.locator("input[name='1.summary'][value=file]")).to_be_checked()
    page.locator("#erreurs").get_by_role("link", name="est-ce la même structure").click()
    expect(page.locator("#choix-2-structure")).to_be_focused()
    expect(page.get_by_role("group", name="est-ce la même structure")).to_contain_text("Erreur : répondez")
    page.keyboard.press("Space")
    expect(page.locator("input[name='2.structure'][value=yes]")).to_be_checked()
    confirm(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(APPLIED)
    page.get_by_role("link", name="1 nouvelle").click()
    page.get_by_role("link", name=theirs["title"]).click()
    expect(page.get_by_role("link", name="Le Métier").first).to_be_visible()


@with_and_without
def test_giving_up_an_import_is_asked_once_more(open_page, script):
    page = open_page(who=MISSION, script=script)
    deposit(page, published({**DIGITAL, "title": "La fiche abandonnée"}))
    waits = path_of(page)
    page.get_by_role("link", name="Abandonner").click()
    expect(page.get_by_text("Rien n’en a été enregistré")).to_be_visible()
    page.get_by_role("link", name="Ne pas abandonner").click()
    assert path_of(page) == waits
    page.get_by_role("link", name="Abandonner").click()
    page.get_by_role("button", name="Abandonner l’import").click()
    expect(page.get_by_text("Import abandonné. Le catalogue n’a pas changé.")).to_be_visible()


@with_and_without
def test_english_and_back(open_page, script):
    page = open_page(script=script)
    page.goto("/chiffres/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    french = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert path_of(page) == "/chiffres/"
    with translation.override("en"):
        expect(page.get_by_role("link", name=gettext("Aller au contenu"))).to_have_count(1)
        expect(page.get_by_role("heading", level=1)).to_have_text(gettext("Les chiffres, et sur quoi ils reposent"))
    page.goto("/actions/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Français").click()
    page.goto("/chiffres/")
    expect(page.get_by_role("heading", level=1)).to_have_text(french)


@with_and_without
def test_a_director_takes_up_a_sheet_and_the_network_publishes_it(open_page, script):
    title = f"Le café de la halte {'du lundi' if script else 'du mardi'}"
    director = open_page(who=DIRECTOR, script=script, width=360)
    director.goto("/actions/?q=four+pain+samedi")
    director.locator(".result .title a").first.click()
    original = director.get_by_role("heading", level=1).inner_text()
    director.get_by_role("link", name="S’en inspirer").click()
    expect(director.get_by_role("definition").filter(has_text="Comment ça se passe")).to_be_visible()
    director.get_by_label("Titre de la fiche").fill(title)
    director.get_by_role("button", name="Commencer ma fiche").click()
    expect(director.get_by_text("Votre fiche est commencée")).to_be_visible()
    number = re.search(r"/fiches/(\d+)/", path_of(director))[1]

    team = open_page(who=MISSION, script=script)
    team.goto(f"/actions/{number}/")
    team.get_by_role("link", name="Relire et publier").click()
    team.get_by_role("button", name="Publier", exact=True).click()
    visitor = open_page(script=script, width=360)
    visitor.goto(f"/actions/{number}/")
    expect(visitor.get_by_role("heading", level=1)).to_have_text(title)
    visitor.get_by_role("main").get_by_role("link", name=original, exact=True).first.click()
    visitor.get_by_role("link", name=re.compile("Reprise par")).click()
    expect(visitor.get_by_role("link", name=title)).to_be_visible()


@with_and_without
def test_photos_are_sent_from_a_phone_described_and_seen_once_published(open_page, watch, script):
    title = f"Le jardin en photos {'ce matin' if script else 'ce soir'}"
    watch.expected = {422}  # one file is refused
    phone = open_page(who=DIRECTOR, script=script, width=360, has_touch=True, is_mobile=True)
    phone.goto("/actions/?q=four+pain+samedi")
    phone.locator(".result .title a").first.click()
    phone.get_by_role("link", name="S’en inspirer").click()
    phone.get_by_label("Titre de la fiche").fill(title)
    phone.get_by_role("button", name="Commencer ma fiche").click()
    number = re.search(r"/fiches/(\d+)/", path_of(phone))[1]
    phone.goto(f"/actions/{number}/")
    phone.get_by_role("link", name="Photos et documents").click()
    files = [("a.jpg", picture()), ("b.jpg", picture(width=200, height=300)), ("c.svg", refused()["dessin.svg"])]
    phone.get_by_label("Photos et documents").set_input_files(
        [{"name": name, "mimeType": "image/jpeg", "buffer": content} for name, content in files]
    )
    phone.get_by_role("button", name="Envoyer").click()
    expect(phone.get_by_role("heading", name="2 fichiers sur 20")).to_be_visible()
    expect(phone.locator("#messages")).to_have_text("2 fichiers sont gardés.")
    expect(phone.locator("#erreurs")).to_contain_text("c.svg")
    expect(phone.locator("#erreurs")).to_be_focused()
    first = phone.get_by_role("listitem").filter(has=phone.get_by_role("img")).first
    expect(first.get_by_text("Pas encore montrée")).to_be_visible()
    first.get_by_label("Que voit-on").fill("Une toile tissée")
    first.get_by_label("De qui").fill("Karim D.")
    first.get_by_label("Les personnes").check()
    first.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("accord noté le")).to_have_count(1)

    team = open_page(who=MISSION, script=script)
    team.goto(f"/actions/{number}/")
    team.get_by_role("link", name="Relire et publier").click()
    team.get_by_role("button", name="Publier", exact=True).click()
    visitor = open_page(script=script, width=360)
    visitor.goto(f"/actions/{number}/")
    shown = visitor.get_by_role("img", name="Une toile tissée")
    expect(shown).to_be_visible()
    assert shown.evaluate("one => one.complete && one.naturalWidth") == 320
    expect(visitor.get_by_text("Karim D.")).to_be_visible()
    expect(visitor.locator("main img")).to_have_count(1)
    shown.click()
    expect(visitor.locator("img")).to_have_count(1)
    assert path_of(visitor).startswith("/pieces/")
