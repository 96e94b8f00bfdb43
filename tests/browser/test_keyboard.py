"""The keyboard alone: where the focus is shows, and everything can be done."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.gestures import MEMBER, MISSION

pytestmark = pytest.mark.browser

# How the focus shows: an outline on what has it or, for a search box, around the box that holds it.
FOCUS = """() => {
  const here = document.activeElement;
  const outlined = (one) => {
    const {outlineStyle, outlineWidth} = getComputedStyle(one);
    return outlineStyle === "none" ? 0 : parseFloat(outlineWidth);
  };
  const {width, height, top, bottom, left, right} = here.getBoundingClientRect();
  return {
    name: here.outerHTML.slice(0, 120),
    id: here.id,
    body: here === document.body,
    outline: Math.max(outlined(here), here.type === "search" ? outlined(here.parentElement) : 0),
    seen: width > 1 && height > 1 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
  };
}"""


def stop(page: Page, key: str = "Tab") -> dict:
    """Press a key; wherever the focus lands, it shows."""
    page.keyboard.press(key)
    focus = page.evaluate(FOCUS)
    if not focus["body"]:
        assert focus["outline"] > 0, focus["name"]
        assert focus["seen"], focus["name"]
    return focus


def tab_to(page: Page, selector: str, limit: int = 80) -> None:
    """Tab until the first element that *selector* finds has the focus."""
    wanted = page.locator(selector).first
    wanted.wait_for(state="attached")
    for _ in range(limit):
        stop(page)
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"{selector} is not within {limit} stops")


VISITOR = ("/", "/actions/?q=jardin&partner=caf", "/structures/", "/chiffres/", "/connexion/", "/nulle-part/")
TEAM = ("/equipe/", "/equipe/imports/", "/equipe/nombres/", "/equipe/listes/", "/appels/")


@pytest.mark.parametrize(
    ("who", "path", "scheme"),
    [("", path, scheme) for path in VISITOR for scheme in ("light", "dark")]
    + [(MISSION, path, "light") for path in TEAM],
)
def test_the_focus_shows_at_every_stop(open_page, watch, who, path, scheme):
    """Every link, button and field is a stop, once, in the order of the page."""
    watch.expected = {404}
    page = open_page(who=who, color_scheme=scheme)
    page.goto(path)
    page.evaluate("""() => {
      const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary");
      [...all].filter((one) => one.checkVisibility()).forEach((one, rank) => { one.dataset.rank = rank });
    }""")
    count = page.locator("[data-rank]").count()
    stops = []
    while not stop(page)["body"] and len(stops) <= count:
        stops.append(int(page.evaluate("document.activeElement.dataset.rank")))
    assert stops == list(range(count))


@pytest.mark.parametrize(
    "rule", [":focus-visible { outline: 0 }", ".brand { position: absolute; inset-inline-start: -9999px }"]
)
def test_a_focus_that_does_not_show_is_found(open_page, rule):
    """Negative control of the test above."""
    page = open_page()
    page.goto("/")
    page.evaluate("(rule) => document.styleSheets[0].insertRule(rule, document.styleSheets[0].cssRules.length)", rule)
    with pytest.raises(AssertionError):
        tab_to(page, "nav a")


def test_from_the_home_page_to_a_sheet_and_back(open_page):
    page = open_page()
    page.goto("/")
    focus = stop(page)
    assert "skip" in focus["name"]
    assert page.locator(".skip").evaluate("(one) => getComputedStyle(one).clipPath") == "none"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#contenu$"))
    assert stop(page)["id"] == "q"  # past the header
    page.keyboard.type("demarches en ligne")
    page.keyboard.press("Enter")
    page.wait_for_url("**/actions/?q=demarches+en+ligne")
    tab_to(page, ".result a")
    title = page.locator(".result a").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("demarches en ligne")


def test_filters_answer_the_space_bar(open_page):
    page = open_page()
    page.goto("/actions/")
    tab_to(page, "#f-partner > summary")
    page.keyboard.press("Space")
    tab_to(page, "#partner-caf")
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("partner=caf"))
    expect(page.locator("a.tag")).to_have_count(1)
    expect(page.locator("#partner-caf")).to_be_focused()
    stop(page)
    stop(page, "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator("a.tag")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("partner=caf"))


def test_filters_of_a_phone_unfold(open_page):
    page = open_page(width=360)
    page.goto("/actions/")
    expect(page.locator("#f-public")).not_to_be_visible()
    tab_to(page, "#filtres > summary")
    page.keyboard.press("Enter")
    expect(page.locator("#f-public")).to_be_visible()
    tab_to(page, "#f-public input")
    page.keyboard.press("Space")
    expect(page.locator("a.tag")).to_have_count(1)
    expect(page.locator("#filtres")).to_have_attribute("open", "")
    tab_to(page, "#filtres .actions .btn")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.locator("a.tag")).to_have_count(1)


@pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_a_contradiction_is_settled(open_page, script):
    """In the import that waits: the diff is reached, a side is chosen, the choice is kept."""
    page = open_page(who=MISSION, script=script)
    page.goto("/equipe/")
    tab_to(page, "main .todo li:has-text('fiches-de-printemps') a.btn")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Relire ce que le fichier a donné")
    row = "tr.contradiction"
    name = page.locator(f"{row} input").first.get_attribute("name")
    tab_to(page, f"{row} input:checked" if page.locator(f"{row} input:checked").count() else f"{row} input")
    page.keyboard.press("Space")
    wanted = "here" if page.locator(f"{row} input[value=file]").first.is_checked() else "file"
    stop(page, "ArrowDown" if wanted == "file" else "ArrowUp")
    expect(page.locator(f"{row} input[value={wanted}]").first).to_be_checked()
    tab_to(page, "li:has(tr.contradiction) .actions button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("C’est noté.")).to_be_visible()
    expect(page.locator(f"{row} input[name='{name}'][value={wanted}]").first).to_be_checked()
    expect(page.locator("li:has(tr.contradiction)")).to_contain_text("Vos choix sont notés.")


def test_the_numbers_of_a_sheet_are_answered(open_page):
    """Arrows choose, the correction comes right after its choice, Enter keeps the choices and none but them."""
    page = open_page(who=MISSION)
    page.goto("/equipe/nombres/")
    tab_to(page, "main .actions .btn")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Relire les nombres")
    here = page.url
    tab_to(page, "fieldset.number input:checked")
    stop(page, "ArrowUp")
    stop(page, "ArrowUp")
    expect(page.locator("fieldset.number").first.get_by_role("radio", name="Corriger")).to_be_checked()
    assert stop(page)["id"].endswith("-low")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("1 choix gardé pour")
    page.goto(here)
    expect(page.locator("fieldset.number").first.locator("b")).to_have_text("Retenu, corrigé")


def test_a_question_is_asked_and_answered(open_page):
    """From the first page: asked in one line, answered by a sheet that was sought, with a few words."""
    page = open_page(who=MEMBER, width=360)
    page.goto("/equipe/")
    tab_to(page, "a[href='/appels/']")
    page.keyboard.press("Enter")
    tab_to(page, "a[href='/appels/demander/']")
    page.keyboard.press("Enter")
    tab_to(page, "[name=question]")
    page.keyboard.type("Qui voyage en train, au clavier ?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Qui voyage en train")
    tab_to(page, "#q")
    page.keyboard.type("prend le train")
    page.keyboard.press("Enter")
    page.wait_for_url("**?q=prend+le+train#repondre")
    tab_to(page, "#repondre details > summary")
    page.keyboard.press("Enter")
    tab_to(page, "#mots")
    page.keyboard.type("Six fois par an.")
    tab_to(page, "button[name=sheet]")
    page.keyboard.press("Enter")
    expect(page.locator("#reponses")).to_have_text("Une fiche y répond")
    expect(page.locator("main .result")).to_contain_text("Six fois par an.")
