"""A real server with the demo, real Chromium, and an eye on everything a page complains about.

The server is the production one (`tisserand demo`): content security policy, hashed files and worker are those of an
instance. It is shared by all the tests: each only reads, or works on sheets of its own.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, WebError, sync_playwright

from tests.browser.gestures import PATIENCE, log_in
from tools.test import CHROMIUM

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Whatever the policy blocks is told on the console, where the watch reads it.
TELL_BLOCKED = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} blocked ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Watch:
    """What went wrong in a browser context: errors of scripts, of the policy, of the server."""

    address: str
    expected: set[int] = field(default_factory=set)  # statuses above 399 that the test asks for
    problems: list[str] = field(default_factory=list)
    pages: int = 0

    def attach(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium tells every status above 399 on the console too: `_response` judges those.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _error(self, error: WebError) -> None:
        self.problems.append(f"script: {error.error.message}")

    def _response(self, response: Response) -> None:
        if not response.url.startswith(self.address):
            self.problems.append(f"outside: {response.url}")
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"{response.status}: {response.url}")
        if response.headers.get("content-type", "").startswith("text/html"):
            self.pages += 1
            policy = response.headers.get("content-security-policy", "")
            if "script-src 'self'" not in policy or "unsafe-" in policy:
                self.problems.append(f"policy of {response.url}: {policy or 'none'}")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), "")
    if not found:
        pytest.skip("Chromium was not found (apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its data and its log."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def address(chromium: str, folder: Path) -> Iterator[str]:
    """The address of a server of its own, with the demo."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TISSERAND_")}
    environment |= {"TISSERAND_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "tisserand.config.settings"}
    command = [sys.executable, "-m", "tisserand", "demo", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://127.0.0.1:{port}/", server, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(40)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    told = (folder / "log").read_text()
    assert "ERROR" not in told, told[-4000:]  # of a request or of the worker; a refusal is a warning


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-4000:]}")


# Playwright keeps an event loop running: it stops with the module, so that other tests may have theirs.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def cookies_of(browser: Browser, address: str) -> Callable[[str], Any]:
    """The cookies of someone of the team, who came in once for the module."""
    known: dict[str, Any] = {}

    def find(who: str) -> Any:
        if who not in known:
            context = browser.new_context(base_url=address)
            log_in(context.new_page(), who)
            known[who] = context.storage_state()
            context.close()
        return known[who]

    return find


@pytest.fixture
def watch(address: str) -> Iterator[Watch]:
    """At the end of the test, nothing may have gone wrong in any page that it opened."""
    watch = Watch(address)
    yield watch
    assert watch.problems == []


@pytest.fixture
def open_page(browser: Browser, address: str, watch: Watch, cookies_of: Callable[[str], Any]) -> Iterator[Opener]:
    """Open a page in a context of its own: `who` comes in first (see `gestures`), `script` runs JavaScript."""
    contexts: list[BrowserContext] = []

    def open_one(*, who: str = "", script: bool = True, width: int = 1280, **options) -> Page:
        if who:
            options["storage_state"] = cookies_of(who)
        context = browser.new_context(
            base_url=address,
            java_script_enabled=script,
            viewport={"width": width, "height": 900},
            locale="fr-FR",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_BLOCKED)
        watch.attach(context)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def read_letter(folder: Path) -> Callable[[str], str]:
    """The last letter to an address, once the worker has sent it."""

    def read(to: str, after: int = 0) -> str:
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            found = [one for one in _letters(folder) if one["To"] == to]
            if len(found) > after:
                return str(found[-1].get_content())
            time.sleep(0.2)
        raise AssertionError(f"no letter to {to}")

    return read


def _letters(folder: Path) -> list:
    files = sorted((folder / "data" / "courrier").glob("*"), key=lambda path: path.stat().st_mtime)
    parts = [part.strip() for path in files for part in path.read_bytes().split(b"-" * 79)]
    return [message_from_bytes(part, policy=policy.default) for part in parts if part]
