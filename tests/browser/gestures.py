"""What people do, in the words of the screen."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tisserand.demo.loading import PASSWORD, accounts

PATIENCE = 15_000  # ms, of one expectation; the machine may be busy
expect.set_options(timeout=PATIENCE)

ADMIN, MISSION, _other, READER, DIRECTOR, MEMBER, *_others = (account["email"] for account in accounts())


def log_in(page: Page, who: str = MISSION, password: str = PASSWORD) -> None:
    page.goto("/connexion/")
    page.get_by_label("Adresse e-mail").fill(who)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


def path_of(page: Page) -> str:
    return urlsplit(page.url).path


def begin_sheet(page: Page, title: str) -> str:
    """Begin a sheet; returns the address of its first section."""
    page.goto("/equipe/fiches/ecrire/")
    page.get_by_label("Titre de la fiche").fill(title)
    page.get_by_role("button", name="Commencer").click()
    page.wait_for_url("**/ecrire/action/")
    return path_of(page)


def file_of(text: str, name: str = "fiches.txt") -> dict[str, object]:
    """A file as Playwright deposits it."""
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def deposit(page: Page, text: str, *, name: str = "fiches.txt", draft: bool = False) -> None:
    """Deposit a file from the page of imports; the page then shows what was read."""
    page.goto("/equipe/imports/")
    page.get_by_label("Fichier de fiches").set_input_files([file_of(text, name)])
    if draft:
        page.get_by_label("Garder en brouillon").check()
    page.get_by_role("button", name="Lire le fichier").click()
    page.wait_for_url("**/equipe/imports/*/")


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer l").first.click()  # another follows the last sheet
