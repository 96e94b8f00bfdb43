"""Writing a sheet on a phone: the network comes and goes, the tab closes, a colleague writes too; no word is lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.gestures import DIRECTOR, MEMBER, MISSION, begin_sheet, log_in, path_of

pytestmark = pytest.mark.browser

with_and_without = pytest.mark.parametrize("script", [True, False], ids=["JavaScript", "no JavaScript"])
PHONE = 360
SAVED = re.compile("^Enregistré à")
CUT = "Pas de réseau : gardé sur cet appareil"
KEPT = "() => Object.keys(localStorage)"
Write = Callable[..., Page]


@pytest.fixture
def write(open_page) -> Write:
    """A phone in the hands of someone who has just begun a sheet."""

    def begin(title: str, *, who: str = MEMBER, script: bool = True) -> Page:
        page = open_page(who=who, script=script, width=PHONE, has_touch=True, is_mobile=True)
        begin_sheet(page, title)
        return page

    return begin


def state(page: Page) -> Locator:
    return page.locator("#etat")


def told(page: Page, text: str | re.Pattern[str]) -> None:
    expect(state(page)).to_have_text(text.replace(" :", "\u00a0:") if isinstance(text, str) else text)


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=label)


def unplug(page: Page) -> None:
    """No network until the page is closed; Chromium would send its last words once the context is on line again."""
    page.context.set_offline(True)
    page.evaluate("() => { navigator.sendBeacon = () => false; fetch = () => Promise.reject(new TypeError('cut')); }")


def shut(page: Page) -> None:
    """Close a tab as people do: the page still has its last word."""
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def sections_fetched(page: Page) -> None:
    """Until the other sections are there, to go on without a network."""
    page.wait_for_load_state("networkidle")


def written(open_page, page: Page, step: str = "action", who: str = DIRECTOR) -> Page:
    """The same section as a colleague reads it, on another machine."""
    other = open_page(who=who, script=False)
    other.goto(re.sub(r"/ecrire/.*", f"/ecrire/{step}/", path_of(page)))
    return other


@with_and_without
def test_from_a_title_to_the_network(write, watch, script):
    watch.expected = {422}
    page = write(f"Le tricot du lundi, {'avec' if script else 'sans'}", script=script)
    onward = page.get_by_role("button", name="Enregistrer et continuer")
    field(page, "Résumé").fill("On tricote en parlant, ou l'inverse.")
    page.get_by_label("En cours").check()
    page.get_by_label("Culture", exact=True).check()
    onward.click()
    page.wait_for_url("**/avec-qui/")
    onward.click()
    page.wait_for_url("**/deroulement/")
    field(page, "Personnes mobilisées").fill("12 habitantes et 2 bénévoles")
    if not script:
        onward.click()
        page.wait_for_url("**/changements/")
        page.go_back()
        page.wait_for_url("**/deroulement/")
    count = page.get_by_role("button", name="Compter 12 habitantes")
    count.click()
    expect(page.locator("#rubrique-people")).to_contain_text("12 habitantes · compté")
    page.get_by_role("button", name="Pas un compte 2 bénévoles").click()
    expect(page.locator("#rubrique-people")).to_contain_text("2 bénévoles · pas compté")
    for step in ("changements", "suite", "proposer"):
        onward.click()
        page.wait_for_url(f"**/{step}/")
    page.get_by_role("button", name="Proposer au réseau").click()
    page.get_by_role("link", name="Comment ça se passe").click()
    page.wait_for_url("**/deroulement/**")
    field(page, "Comment ça se passe").fill("Le lundi, à la chaleur.")
    for step in ("changements", "suite", "proposer"):
        onward.click()
        page.wait_for_url(f"**/{step}/")
    expect(page.get_by_text("On tricote en parlant")).to_be_visible()
    page.get_by_role("button", name="Proposer au réseau").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le réseau relit votre fiche")
    page.get_by_role("button", name="Reprendre la fiche").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Relire et proposer")


@with_and_without
def test_why_it_is_over_is_asked_once_it_is_and_what_was_written_stays_in_sight(write, script):
    page = write(f"Le bal, {'avec' if script else 'sans'}", script=script)
    why = field(page, "Pourquoi elle est terminée")
    expect(why).to_be_hidden()
    page.get_by_label("Terminée", exact=True).check()
    why.fill("Le parquet est usé.")
    page.get_by_label("En cours").check()
    expect(why).to_have_value("Le parquet est usé.")
    expect(why).to_be_visible()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/avec-qui/")
    page.go_back()
    expect(why).to_be_visible()


def test_one_cut_of_the_network(open_page, write):
    """Words typed without it are kept, one goes on to the next section, and all of it leaves when it comes back."""
    page = write("La pêche à pied")
    summary = field(page, "Résumé")
    summary.press_sequentially("On descend à la grève")
    told(page, SAVED)
    sections_fetched(page)
    page.context.set_offline(True)
    summary.press_sequentially(" avec la marée.")
    page.get_by_label("En cours").check()
    told(page, CUT)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Avec qui, pour qui")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert path_of(page).endswith("/avec-qui/")
    page.get_by_label("Un quartier").check()
    field(page, "Précision").fill("Le club des anciens marins.")
    told(page, CUT)
    page.go_back()
    expect(summary).to_have_value("On descend à la grève avec la marée.")
    page.go_forward()
    expect(page.get_by_label("Un quartier")).to_be_checked()
    page.context.set_offline(False)
    told(page, SAVED)
    assert page.evaluate(KEPT) == []
    other = written(open_page, page)
    expect(field(other, "Résumé")).to_have_value("On descend à la grève avec la marée.")
    expect(other.get_by_label("En cours")).to_be_checked()
    other = written(open_page, page, "avec-qui")
    expect(other.get_by_label("Un quartier")).to_be_checked()
    expect(field(other, "Précision")).to_have_value("Le club des anciens marins.")


def test_the_last_field_typed_and_not_left_is_there_when_the_tab_closes(open_page, write):
    page = write("Le goûter des voisins")
    told(page, re.compile("^Enregistré"))
    field(page, "Résumé").press_sequentially("Chacun apporte une chaise")
    shut(page)
    other = written(open_page, page)
    for _again in range(20):
        if field(other, "Résumé").input_value():
            break
        other.wait_for_timeout(250)
        other.reload()
    expect(field(other, "Résumé")).to_have_value("Chacun apporte une chaise")


@pytest.mark.parametrize("words", ["On danse", "On danse. " * 7_000])  # more than a page that closes may send
def test_words_of_a_tab_closed_without_a_network_come_back(open_page, write, words):
    page = write("Le bal du port")
    told(page, re.compile("^Enregistré"))
    here, context = path_of(page), page.context
    unplug(page)
    field(page, "Résumé").fill(words)
    shut(page)
    context.set_offline(False)
    expect(field(written(open_page, page), "Résumé")).to_have_value("")
    again = context.new_page()
    again.goto("/equipe/fiches/")
    expect(again.locator("[data-kept]:visible")).to_have_count(1)
    again.goto(here.replace("/action/", "/suite/"))  # on another section, they leave all the same
    again.wait_for_function("() => !Object.keys(localStorage).length")
    again.goto(here)
    expect(field(again, "Résumé")).to_have_value(words)


def test_words_kept_are_put_back_in_their_field(write):
    page = write("Le bal du quai")
    told(page, re.compile("^Enregistré"))
    here, context = path_of(page), page.context
    unplug(page)
    field(page, "Résumé").press_sequentially("On danse encore")
    shut(page)
    context.set_offline(False)
    again = context.new_page()
    again.goto(here)
    expect(again.get_by_text("Ce que vous aviez écrit sans réseau a été repris.")).to_be_visible()
    expect(field(again, "Résumé")).to_have_value("On danse encore")
    told(again, SAVED)
    assert again.evaluate(KEPT) == []


def test_a_session_that_ends_keeps_the_words_until_the_next_login(open_page, write):
    page = write("La chorale debout")
    told(page, re.compile("^Enregistré"))
    page.context.clear_cookies(name="sessionid")
    field(page, "Résumé").press_sequentially("On chante")
    expect(state(page)).to_contain_text("vos mots sont gardés sur cet appareil")
    page.get_by_role("link", name="Revenir à la fiche").click()
    page.get_by_label("Adresse e-mail").fill(MEMBER)
    page.get_by_label("Mot de passe").fill("tisserand-demo")
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/ecrire/action/")
    expect(field(page, "Résumé")).to_have_value("On chante")
    told(page, SAVED)
    expect(field(written(open_page, page), "Résumé")).to_have_value("On chante")


def test_an_answer_that_never_came_back_is_not_someone_else(open_page, write):
    """The server had kept the words: what follows them is written over them, without asking anything."""
    page = write("La récré des grands")
    told(page, re.compile("^Enregistré"))
    lost, losing = [], True

    def lose(route) -> None:
        if not losing:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/champ/", lose)
    field(page, "Résumé").press_sequentially("Une corde à sauter, été comme hiver,")
    page.get_by_label("Santé").check()
    page.get_by_label("Culture", exact=True).check()
    told(page, CUT)
    assert set(lost) == {200}
    losing = False
    field(page, "Résumé").press_sequentially(" et deux craies.")
    page.get_by_label("Numérique").check()
    told(page, SAVED)
    expect(page.locator("[data-clash] .notice")).to_have_count(0)
    other = written(open_page, page)
    expect(field(other, "Résumé")).to_have_value("Une corde à sauter, été comme hiver, et deux craies.")
    for label in ("Santé", "Culture", "Numérique"):
        expect(other.get_by_label(label, exact=True)).to_be_checked()


def test_another_account_of_the_same_computer_sees_and_sends_nothing(open_page, write):
    page = write("Le club photo")
    told(page, re.compile("^Enregistré"))
    here, context = path_of(page), page.context
    page.context.clear_cookies(name="sessionid")
    field(page, "Résumé").press_sequentially("À moi seul")
    expect(state(page)).to_contain_text("vos mots sont gardés")
    kept = page.evaluate(KEPT)
    page.close()
    colleague = context.new_page()
    log_in(colleague, DIRECTOR)
    colleague.wait_for_url("**/equipe/")
    colleague.goto(here)
    expect(field(colleague, "Résumé")).to_have_value("")
    colleague.wait_for_load_state("networkidle")
    assert "À moi seul" not in colleague.content()
    colleague.goto("/equipe/fiches/")
    assert colleague.locator("[data-kept]:visible").count() == 0
    assert colleague.evaluate(KEPT) == kept
    colleague.goto("/equipe/")
    colleague.get_by_role("button", name="Se déconnecter").click()
    colleague.wait_for_url(lambda address: "/equipe/" not in address)
    assert colleague.evaluate(KEPT) == kept  # theirs go, and nobody else's


def test_leaving_forgets_what_this_device_kept_once_it_was_asked(open_page):
    page = open_page()  # a session of its own: it ends here
    log_in(page, MEMBER)
    page.wait_for_url("**/equipe/")
    begin_sheet(page, "La boîte à livres")
    told(page, re.compile("^Enregistré"))
    page.evaluate("""() => {
      const { who, sheet } = document.querySelector("#fiche").dataset;
      localStorage.setItem(`garde:${who}:${sheet}x:summary`, JSON.stringify({ value: "Resté", at: Date.now() }));
      localStorage.setItem(`garde:${who}:${sheet}y:summary`, JSON.stringify({ value: "Vieux", at: 0 }));
    }""")
    page.goto("/equipe/")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Se déconnecter").click()
    assert "ne sont pas encore enregistrés" in asked[0]
    assert len(page.evaluate(KEPT)) == 2
    page.goto("/equipe/fiches/")
    assert len(page.evaluate(KEPT)) == 1  # a month later, nobody's any more
    page.goto("/equipe/")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(lambda address: "/equipe/" not in address)
    assert page.evaluate(KEPT) == []


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ("Garder la mienne", "De ma part."),
        ("Garder l’autre", "De sa part."),
        ("Réunir les deux", "De sa part.\n\nDe ma part."),
    ],
)
@with_and_without
def test_two_browsers_on_one_field(open_page, watch, write, script, choice, kept):
    watch.expected = {409}
    page = write(f"{choice}, {'avec' if script else 'sans'}", script=script)
    mine = field(page, "Résumé")
    other = open_page(who=DIRECTOR)
    other.goto(path_of(page))
    field(other, "Résumé").fill("De sa part.")
    told(other, SAVED)
    mine.fill("De ma part.")
    if script:
        mine.blur()
    else:
        page.get_by_role("button", name="Enregistrer et continuer").click()
    clash = page.locator("#rubrique-summary [data-clash]")
    expect(clash).to_contain_text("Odile Vasseur a écrit ici en même temps que vous")
    expect(clash).to_contain_text("De sa part.")
    expect(mine).to_have_value("De ma part.")
    other.reload()
    expect(field(other, "Résumé")).to_have_value("De sa part.")  # nothing was overwritten
    page.get_by_role("button", name=choice).click()
    expect(clash).to_be_empty()
    expect(mine).to_have_value(kept)
    if script:
        told(page, re.compile("^Enregistré"))
        assert page.evaluate(KEPT) == []
    other.reload()
    expect(field(other, "Résumé")).to_have_value(kept)


def test_ticks_that_differ_are_joined(open_page, watch, write):
    watch.expected = {409}
    page = write("Le marché de Noël")
    other = open_page(who=DIRECTOR)
    other.goto(path_of(page))
    other.get_by_label("Santé").check()
    told(other, SAVED)
    page.get_by_label("Culture", exact=True).check()
    page.get_by_role("button", name="Réunir les deux").click()
    told(page, SAVED)
    expect(page.get_by_label("Santé")).to_be_checked()
    expect(page.get_by_label("Culture", exact=True)).to_be_checked()


def test_who_else_writes_is_told_and_so_is_another_tab(open_page, write):
    page = write("Le ciné-parking")
    told(page, re.compile("^Enregistré"))
    other = open_page(who=DIRECTOR)
    other.goto(path_of(page))
    expect(other.locator("#presents")).to_contain_text("Karim Delattre")
    field(page, "Résumé").press_sequentially("Un drap")
    told(page, SAVED)
    other.reload()
    expect(other.locator("#presents")).to_contain_text("rubrique «\u00a0Résumé\u00a0»")
    expect(page.locator("#onglet")).to_be_hidden()
    tab = page.context.new_page()
    tab.goto(path_of(page))
    for one in (tab, page):
        expect(one.locator("#onglet")).to_be_visible()
    third = page.context.new_page()
    third.goto(path_of(page))
    expect(third.locator("#onglet")).to_be_visible()
    third.close()  # as one that dies: without a last word
    for one in (tab, page):
        expect(one.locator("#onglet")).to_be_visible()
    shut(tab)
    expect(page.locator("#onglet")).to_be_hidden()


def test_a_sheet_proposed_meanwhile_keeps_the_words_in_sight(open_page, watch, write):
    watch.expected = {403}
    page = write("Le potager en bacs")
    field(page, "Résumé").fill("Des bacs.")
    told(page, SAVED)
    context, here = page.context, path_of(page)
    other = open_page(who=DIRECTOR)
    other.goto(here.replace("/action/", "/deroulement/"))
    field(other, "Comment ça se passe").fill("On sème.")
    told(other, SAVED)
    other.goto(here.replace("/ecrire/action/", "/proposer/"))
    other.get_by_role("button", name="Proposer au réseau").click()
    field(page, "Résumé").fill("Des bacs, et de l'eau.")
    expect(state(page)).to_contain_text("vos mots sont gardés sur cet appareil")
    page.get_by_role("link", name="Revenir à la fiche").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le réseau relit votre fiche")
    expect(page.locator("#gardes")).to_contain_text("Des bacs, et de l'eau.")
    page.get_by_role("button", name="Effacer ces mots").click()
    expect(page.locator("#gardes")).to_be_hidden()
    assert context.pages[0].evaluate(KEPT) == []


def test_a_double_click_begins_one_sheet(open_page):
    page = open_page(who=MEMBER, script=False)
    page.goto("/equipe/fiches/ecrire/")
    page.get_by_label("Titre de la fiche").fill("La fiche cliquée deux fois")
    page.get_by_role("button", name="Commencer").dblclick()
    expect(page).to_have_url(re.compile("/ecrire/action/$"))
    page = page.context.new_page()  # the second click may still be on its way in the first one
    page.goto("/equipe/fiches/")
    expect(page.get_by_role("heading", name="La fiche cliquée deux fois")).to_have_count(1)


def test_a_public_sheet_is_rewritten_and_published_by_the_team(open_page):
    page = open_page(who=MISSION)
    page.goto("/actions/")
    page.locator(".result .title a").first.click()
    public = path_of(page)
    page.get_by_role("button", name="Modifier").click()
    page.wait_for_url("**/ecrire/action/")
    expect(page.get_by_text("La fiche publique ne change pas tant que vous n’avez pas publié.")).to_be_visible()
    field(page, "Résumé").fill("Un résumé tout neuf, par l'équipe.")
    told(page, SAVED)
    page.get_by_role("link", name="Relire et publier").click()
    expect(page.get_by_text("Vous changez")).to_contain_text("Résumé")
    page.get_by_role("button", name="Publier").click()
    page.wait_for_url(f"**{public}")
    expect(page.get_by_text("Un résumé tout neuf")).to_be_visible()
