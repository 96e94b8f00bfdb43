"""Every page, as Chromium shows it: accessible, within its width and its policy, silent on the console."""

from collections import Counter, defaultdict
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from playwright.sync_api import Page

from tests.browser.gestures import ADMIN, DIRECTOR, MEMBER, MISSION, READER, confirm, deposit, log_in
from tests.texts import GARDEN, published

pytestmark = pytest.mark.browser

NARROWEST, PHONE, DESK = 320, 360, 1280
Way = Callable[[Page], object]


def at(start: str | Way, *links: str) -> Way:
    """The way to a page: an address or another way, then the first link that each selector finds."""

    def go(page: Page) -> None:
        page.goto(start) if isinstance(start, str) else start(page)
        for link in links:
            page.goto(page.locator(link).first.evaluate("one => one.href"))

    return go


def pressed(way: Way, button: str, **fields: str) -> Way:
    """A page that answers a form: the way to the form, what is typed by name, the button."""

    def go(page: Page) -> None:
        way(page)
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        page.get_by_role("button", name=button).first.click()
        page.locator("#erreurs").wait_for()

    return go


def two_texts(page: Page) -> None:
    """A field where a colleague seems to have written meanwhile: both texts are shown."""
    section(page)
    page.evaluate("document.querySelector('[name=base-summary]').value = 'x'")
    page.get_by_role("textbox", name="Résumé").fill(f"Un autre résumé, {page.viewport_size['width']}.")
    page.get_by_role("textbox", name="Résumé").blur()
    page.locator("[data-clash] .notice").wait_for()
    page.evaluate("localStorage.clear()")


def announced(page: Page) -> None:
    """What is said before a public sheet is rewritten."""
    page.goto("/actions/?structure=la-navette")
    sheet = page.locator(".result .title a").filter(has_not_text="Fileuses").first.get_attribute("href") or ""
    page.goto("/".join([*sheet.split("/")[:3], "modifier", ""]))


def counted(page: Page) -> None:
    """Numbers offered under the text that they were read in."""
    mine = "main li:has-text('bricolage') a:has-text('Continuer')"  # other tests begin sheets of the same person
    at("/equipe/fiches/", mine, ".steps li:nth-child(3) a")(page)
    page.locator("[data-numbers] .counts").first.wait_for()


def numbers_refused(page: Page) -> None:
    """Two numbers to correct, one of which lost its value."""
    at("/equipe/nombres/", ".result .title a")(page)
    for rank in (0, 1):
        page.locator("input[value=correct]").nth(rank).check()
    page.locator("input[name$=low]").first.fill("")
    page.get_by_role("button", name="Garder ces choix").click()
    page.locator("#erreurs").wait_for()


def remark_refused(page: Page) -> None:
    """A remark without a word."""
    at("/equipe/relire/", "main li h2 a")(page)
    page.locator(".reviewed summary").first.click()
    page.get_by_role("button", name="Ajouter la remarque").first.click()
    page.locator("#erreurs").wait_for()


def structure_parting(page: Page) -> None:
    """What parting two structures would do; merged first, if they were not."""
    page.goto(OSERAIES)
    if not page.get_by_role("link", name="Séparer de nouveau").count():
        page.goto(f"{OSERAIES}reunir/?avec=les-oseraies")
        page.get_by_role("button", name="Réunir les deux").click()
    page.get_by_role("link", name="Séparer de nouveau").click()
    page.get_by_role("heading", name="Séparer de nouveau").wait_for()


def account_compared(page: Page) -> None:
    """Two accounts side by side."""
    ACCOUNT_DOUBLE(page)
    page.goto(f"{page.url}&q=lecarpentier")
    page.get_by_role("link", name="Comparer").click()
    page.get_by_role("heading", name="Réunir ces deux comptes").wait_for()


def account_parting(page: Page) -> None:
    """What parting two accounts would do; merged first, if they were not."""
    page.goto("/equipe/personnes/")
    if not page.get_by_role("link", name="Séparer de nouveau").count():
        page.get_by_role("link", name="Un deuxième compte ? Paulo Ferreira").first.click()
        page.get_by_role("link", name="Comparer").click()
        page.get_by_role("button", name="Réunir les deux").click()
    page.get_by_role("link", name="Séparer de nouveau").click()
    page.get_by_role("heading", name="Séparer de nouveau").wait_for()


OSERAIES = "/structures/centre-socioculturel-les-oseraies/"
ACCOUNT_DOUBLE = at("/equipe/personnes/", "main a[href*='/reunir/']")
SHEET = at("/actions/", ".result .title a")
HISTORY = at("/actions/?q=friperie", ".result .title a", "a[href$='/historique/']")
section = at("/equipe/fiches/", "main a:has-text('Continuer')")
TAKE_UP = at("/actions/", ".result .title a", "a[href$='/s-en-inspirer/']")
MINIBUS = at("/appels/", "main li a:has-text('minibus')")
WAITING = "a:text-is('fiches-de-printemps.txt')"
PUBLIC: dict[str, Way] = {
    "home": at("/"),
    "cloth": at("/toile/"),
    "catalogue": at("/actions/"),
    "search": at("/actions/?q=jardin"),
    "filtered": at("/actions/?partner=caf&partner=commune&sort=title"),
    "nothing found": at("/actions/?q=tricot-graffiti"),
    "did you mean": at("/actions/?q=num%C3%A9riqe"),
    "sheet": SHEET,
    "sheet with pictures": at("/actions/?q=carr%C3%A9s+fileuses", ".result .title a"),
    "spread": at("/actions/?q=%22caf%C3%A9+de+8+h+35%22", ".result .title a", "a[href$='/reprises/']"),
    "structures": at("/structures/"),
    "structure": at("/structures/", "main tbody a"),
    "figures": at("/chiffres/"),
    "snapshot": at("/chiffres/", "main a[href*='/releves/']"),
    "accessibility": at("/accessibilite/"),
    "data": at("/donnees/"),
    "login": at("/connexion/"),
    "login refused": lambda page: (log_in(page, password="pas-celui-la"), page.locator("#erreurs").wait_for()),
    "api": at("/api/"),
    "404": at("/nulle-part/"),
}
TEAM: dict[str, Way] = {
    "team": at("/equipe/"),
    "imports": at("/equipe/imports/"),
    "deposit refused": pressed(at("/equipe/imports/"), "Lire le fichier"),
    "waiting import": at("/equipe/imports/", WAITING),
    "waiting import, refused": pressed(at("/equipe/imports/", WAITING), "Enregistrer les"),
    "waiting import, given up": at("/equipe/imports/", WAITING, "a[href$='/abandonner/']"),
    "waiting import, changed": at("/equipe/imports/", WAITING, "a[href*='voir=updated']"),
    "waiting import, new": at("/equipe/imports/", WAITING, "a[href*='voir=created']"),
    "applied import": at("/equipe/imports/", "a:text-is('fiches-2024.json')"),
    "applied import, undone": at("/equipe/imports/", "a:text-is('fiches-2024.json')", "a[href$='/annuler/']"),
    "cancelled import": at("/equipe/imports/", "a:text-is('abandonne.txt')"),
    "refused import": at("/equipe/imports/", "a:text-is('illisible.txt')"),
    "sheet of the team": SHEET,
    "sheet numbers": at("/equipe/nombres/", ".result .title a"),
    "sheet numbers refused": numbers_refused,
    "numbers": at("/equipe/nombres/"),
    "drafts": at("/equipe/brouillons/"),
    "drafts of a file": at("/equipe/brouillons/", "main a.tag"),
    "lists": at("/equipe/listes/"),
    "figures freeze": at("/chiffres/figer/"),
    "structure edit": at("/structures/", "main tbody a", "main a[href$='/modifier/']"),
    "gallery": at("/composants/"),
    "people": at("/equipe/personnes/"),
    "agreements": at("/equipe/conventions/"),
    "register": at("/equipe/registre/"),
    "agreement": at("/equipe/conventions/", "main li h3 a"),
    "structure double": at(OSERAIES, "main a[href$='/reunir/']"),
    "structure merge": at(f"{OSERAIES}reunir/?q=filature", "main a[href*='?avec=']"),
    "structure part": structure_parting,
    "ties": at("/structures/", "main tbody a", "main a[href$='/adhesion/']"),
    "account": at("/compte/"),
    "files of a draft": at("/equipe/brouillons/", "main li .title a", "a[href$='/pieces/']"),
    "files of a public sheet": at("/actions/?q=carr%C3%A9s+fileuses", ".result .title a", "a[href$='/pieces/']"),
    "take up": TAKE_UP,
    "take up refused": pressed(TAKE_UP, "Commencer ma fiche", title=""),
    "stale": at("/equipe/a-confirmer/"),
    "still running": at("/equipe/a-confirmer/", "main li h2 a", "a[href$='/continue/']"),
    "gaps": at("/equipe/manques/"),
    "questions": at("/appels/"),
    "history": HISTORY,
    "comparison": at(HISTORY, "main li a.btn"),
    "version": at(HISTORY, "main li a.bare"),
    "reviews": at("/equipe/relire/"),
    "review": at("/equipe/relire/", "main li h2 a"),
    "review refused": remark_refused,
    "review of a rewriting": at("/equipe/relire/", "main li:has-text('réécriture') h2 a"),
    "review of what was returned": at("/equipe/relire/", "main li h3 a"),
    "clashes": at("/equipe/relire/", "main li:has-text('Répare-café') h2 a", "a[href$='/contradictions/']"),
    "clashes refused": pressed(
        at("/equipe/relire/", "main li:has-text('Répare-café') h2 a", "a[href$='/contradictions/']"), "Garder ces choix"
    ),
}
ADMINISTRATION: dict[str, Way] = {
    "people administered": at("/equipe/personnes/"),
    "account double": ACCOUNT_DOUBLE,
    "account merge": account_compared,
    "account part": account_parting,
    "person": at("/equipe/personnes/", "a[href*='/dossier/']"),
    "register edit": at("/equipe/registre/responsable/"),
    "network edit": at("/equipe/reseau/"),
}
# Of who writes for a structure.
WRITING: dict[str, Way] = {
    "first page": at("/equipe/"),
    "my sheets": at("/equipe/fiches/"),
    "new sheet": at("/equipe/fiches/ecrire/"),
    "new sheet refused": pressed(at("/equipe/fiches/ecrire/"), "Commencer"),
    **{
        f"section {number}": at("/equipe/fiches/", "main a:has-text('Continuer')", f".steps li:nth-child({number}) a")
        for number in range(1, 7)
    },
    "numbers to count": counted,
    "two texts": two_texts,
    "remarks to take up": at("/equipe/fiches/", "main a:has-text('Reprendre')", "main .notice a"),
    "proposed": at("/equipe/fiches/", "main a:has-text('Voir')"),
    "question": MINIBUS,
    "question of one's own": at("/appels/", "main li a:has-text('écrans')"),
    "question corrected": at("/appels/", "main li a:has-text('écrans')", "a[href$='/corriger/']"),
    "question refused": pressed(at("/appels/demander/"), "Poser la question"),
    "sheet for a question": at(MINIBUS, "a[href$='/ecrire/']"),
    "rewriting announced": announced,
}
STATUSES = {
    "404": {404},
    "new sheet refused": {422},
    "question refused": {422},
    "sheet numbers refused": {422},
    "deposit refused": {422},
    "take up refused": {422},
    "review refused": {422},
    "clashes refused": {422},
    "two texts": {409},
    "forbidden": {403},
}
# The door and what depends on a person's own account: `test_door` goes through them.
DOOR = {
    "account_signup", "account_request_login_code", "account_confirm_login_code", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_inactive", "account_set_password",
    "account_confirm_email", "account_reauthenticate", "account-second-factor", "mfa_authenticate",
    "mfa_login_webauthn", "mfa_deactivate_totp", "mfa_edit_webauthn", "mfa_remove_webauthn",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "invitation", "openid_connect_login", "openid_connect_callback",
    # other names of the same addresses
    "account_login", "account_logout", "mfa_index", "mfa_list_webauthn",
}  # fmt: skip
# Routes that show no page of their own to who walks the site (a chargé de mission): forms to send, files, fragments.
NO_PAGE = DOOR | {
    "account-merge", "account-part", "structure-part",  # of the administration, or of two that are one already
    "role-end", "role-resume", "invitation-renew", "invitation-withdraw", "message-refusal", "person", "person-find",
    "still-running", "still-running-link",
    "register-edit", "register-file", "network-edit",
    "action-document", "action-state", "export", "feed", "figures-export",
    "import-confirm", "import-model", "import-publish", "import-progress", "import-report", "import-resume", "import-settle",
    "attachment", "attachment-small", "attachment-change",
    "sheet-field", "sheet-presence", "sheet-take-back", "sheet-discard", "health", "list-change", "login", "logout", "set_language",
}  # fmt: skip
AXE = Axe().axe_script
COLOURS = ["color-contrast", "link-in-text-block"]  # all that the dark scheme may change
RUN_AXE = """async (only) => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"], ...(only && {runOnly: only})});
  return violations.map(({id, impact, nodes}) =>
    `${id} (${impact}): ` + nodes.slice(0, 3).map(({html, any, all, none}) =>
      html.slice(0, 160) + " " + [...any, ...all, ...none].map(({message}) => message).join("; ")).join(" | "));
}"""


@pytest.fixture(scope="module", autouse=True)
def _furnished(browser, address, cookies_of, folder):
    """States that the demo does not show: files refused and given up, a draft with a value that no list knows.

    Once for a server: tests that run at once may come back to this module, and these sheets are there then.
    """
    done = folder / "furnished"
    if done.exists():
        return
    context = browser.new_context(base_url=address, storage_state=cookies_of(MISSION))
    page = context.new_page()
    deposit(page, "Rien qui ressemble à une fiche.\n", name="illisible.txt")
    deposit(page, published(GARDEN), name="abandonne.txt")
    page.get_by_role("link", name="Abandonner").click()
    page.get_by_role("button", name="Abandonner").click()
    known = {**GARDEN, "structure": "Espace de vie sociale Le Métier"}
    draft = {**known, "title": "Le jardin des brouillons", "keywords": ["Apiculture urbaine"]}
    deposit(page, published(draft), draft=True)
    confirm(page)
    page.get_by_role("heading", name="C’est enregistré").wait_for()
    context.close()
    done.touch()


def faults(page: Page, dark: bool) -> list[str]:
    page.emulate_media(color_scheme="dark" if dark else "light")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    scheme, only = ("dark", COLOURS) if dark else ("light", None)
    return [f"{scheme}, {page.viewport_size['width']}: {one}" for one in page.evaluate(RUN_AXE, only)]


def sideways(page: Page) -> list[str]:
    """What sticks out of the page, when it scrolls sideways."""
    return page.evaluate("""() => {
      const {clientWidth, scrollWidth} = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const out = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > clientWidth);
      return [`${scrollWidth} px`, ...out.slice(0, 4).map((e) => e.outerHTML.slice(0, 120))];
    }""")


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


@pytest.mark.parametrize(
    ("who", "name"),
    [("", name) for name in PUBLIC]
    + [(MISSION, name) for name in TEAM]
    + [(ADMIN, name) for name in ADMINISTRATION]
    + [(MEMBER, name) for name in WRITING]
    + [
        (ADMIN, "lists"),
        (READER, "forbidden"),
        (READER, "reader"),
        (DIRECTOR, "reader"),
        (READER, "sheet"),
        (DIRECTOR, "people"),
    ],
)
def test_a_page(open_page, watch, who, name):
    """Axe finds nothing in light and dark, on a phone and a desk; the page fits a narrow screen and has one title."""
    page = open_page(who=who)
    watch.expected = STATUSES.get(name, set())
    way = {
        **PUBLIC, **TEAM, **ADMINISTRATION, **WRITING, "forbidden": at("/equipe/listes/"), "reader": at("/equipe/")
    }[name]  # fmt: skip
    found: list[str] = []
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        way(page)
        assert watch.problems == []  # before axe, which has its own ways
        assert page.locator("h1").count() == 1
        unfold(page)
        found += faults(page, dark=False) + faults(page, dark=True)
    assert found == []
    page.set_viewport_size({"width": NARROWEST, "height": 900})
    assert sideways(page) == []


SMALL = """(least) => [...document.querySelectorAll("a, button, select, summary, label.tick")].filter((e) => {
  const {width, height} = e.getBoundingClientRect();
  if (!width || e.matches(".sr, .sr *, .skip") || (width >= 24 && height >= least(e))) return false;
  const around = e.closest("p, li, td, dd, th, h2, h3, figcaption, span");
  return !around || around.textContent.trim().length <= e.textContent.trim().length + 3;  // not inside a sentence
}).map((e) => e.outerHTML.slice(0, 100))"""
CUT = """() => {
  const cut = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    if (node.parentElement.closest(".sr, code, pre, script") || !node.parentElement.offsetParent) continue;
    for (const {0: word, index} of node.data.matchAll(/[\\p{L}\\d]{3,}/gu)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const lines = [...range.getClientRects()].filter((one) => one.width).map((one) => Math.round(one.top));
      if (new Set(lines).size > 1) cut.push(word);
    }
  }
  return cut;
}"""


@pytest.mark.parametrize(
    "name", ["home", "cloth", "catalogue", "filtered", "sheet", "structures", "structure", "figures", "data", "api"]
)
def test_on_a_phone_what_is_touched_is_large_and_no_word_is_cut(open_page, name):
    page = open_page(width=PHONE, has_touch=True, is_mobile=True)
    PUBLIC[name](page)
    unfold(page)
    assert page.evaluate(f"({SMALL})(() => 24)") == []
    assert page.evaluate(f"({SMALL})((e) => e.matches('.btn, .tag, .tick, summary, .site a') ? 44 : 24)") == []
    assert page.evaluate(CUT) == []
    page.evaluate("""() => {
      const main = document.querySelector("main");
      main.innerHTML = "<p>Thirbemont</p><p><a href='#'>x</a></p>";
      main.querySelector("p").style.inlineSize = "3ch";
    }""")
    assert page.evaluate(f"({SMALL})(() => 24)") != []  # negative control
    assert page.evaluate(CUT) == ["Thirbemont"]


def test_what_is_wrong_is_found(open_page):
    """Negative control of the test above."""
    page = open_page()
    page.goto("/")
    page.evaluate("""() => {
      document.querySelector("#contenu").innerHTML = "<h1>Titre</h1><p>Pâle</p><img src='data:,'><input>";
      document.querySelector("#contenu p").style.cssText = "color: #888; background: #999";
      document.querySelector("h1").style.inlineSize = "2000px";
    }""")
    told = " ".join(faults(page, dark=False))
    assert {"image-alt", "label", "color-contrast"} <= set(told.split()), told
    assert "color-contrast" in " ".join(faults(page, dark=True))
    assert sideways(page)


def test_the_whole_site_keeps_its_policy(open_page, watch):
    """From link to link, as the team: every route that shows a page is reached, and nothing is blocked on any."""
    page = open_page(who=MISSION)
    seen: dict[str, Counter[str]] = defaultdict(Counter)  # by route, how many questions were asked of each address
    starts = ["/actions/?stated=taken-up", "/", "/api/"]  # sheets with a lineage are the first ones seen
    queue, known = [*starts], {*starts}
    while queue:
        here = queue.pop(0)
        path = urlsplit(here).path
        route = resolve(path).view_name
        enough = seen[route][path] >= 2 or (path not in seen[route] and len(seen[route]) >= 2)
        if route in NO_PAGE or ":" in route or enough:
            continue
        seen[route][path] += 1
        page.goto(here)
        links = page.eval_on_selector_all(
            "a[href]", "all => all.map((a) => new URL(a.getAttribute('href'), a.baseURI).href)"
        )
        for link in (one.removeprefix(watch.address).partition("#")[0] for one in links):
            if link.startswith("/") and link not in known:
                known.add(link)
                queue.append(link)
    from tisserand.config.urls import urlpatterns

    groups = [one for one in urlpatterns if not getattr(one, "namespace", "")]
    named = {one.name for group in groups for one in getattr(group, "url_patterns", [group])}
    assert named - NO_PAGE - {route for route, paths in seen.items() if paths} == {"action-short"}  # which redirects
    assert watch.pages >= sum(paths.total() for paths in seen.values())  # a redirect is one more


@pytest.mark.parametrize(
    "injected",
    [
        "<script>window.ran = true</script>",
        "<p style='color: red'>Rouge</p>",
        "<img src=x onerror='window.ran = true'>",
        "<script src='data:text/javascript,window.ran=true'></script>",
    ],
)
def test_what_is_injected_is_blocked_and_told(open_page, watch, injected):
    """Negative control: a page into which someone slipped a script or a style does not pass the tests above."""
    page = open_page()
    watch.expected = {404}

    def inject(route):
        answer = route.fetch()
        kept = {k: v for k, v in answer.headers.items() if k not in {"content-encoding", "content-length"}}
        route.fulfill(status=200, headers=kept, body=answer.text().replace("</main>", f"{injected}</main>"))

    page.route("**/accessibilite/", inject)
    page.goto("/accessibilite/")
    assert page.evaluate("window.ran") is None
    told, watch.problems = watch.problems, []
    assert any(one.startswith("console: policy: ") for one in told), told
