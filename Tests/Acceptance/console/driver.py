"""A browser's page over one console: opens, waits until a page has come to rest, and changes the language."""

import time

from playwright.sync_api import TimeoutError

PASSWORD = "four words in a row"
# Those of the page of components never go away.
SKELETONS = ".skeleton:not([data-sample] *)"


class Driver:
    def __init__(self, checks, page, url):
        self.checks = checks
        self.page = page
        self.url = url
        self.errors = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path):
        answer = self.page.goto(self.url + path)
        self.settle()
        return answer

    def settle(self):
        """Panels that load after the page are there, nothing is a skeleton any more, and every chart is drawn."""
        self.page.wait_for_load_state()
        deadline = time.monotonic() + 60
        while self.page.locator(SKELETONS).count() and time.monotonic() < deadline:
            self.page.wait_for_timeout(30)
        # A chart is drawn when it comes near.
        self.page.evaluate("""async () => {
            for (const one of document.querySelectorAll("[data-chart]")) {
                one.scrollIntoView();
                for (let turn = 0; turn < 2000 && !one.dataset.drawn; turn += 1) await new Promise((go) => setTimeout(go, 10));
            }
            if (window.scrollY) window.scrollTo(0, 0);
        }""")
        frames(self.page)

    def appears(self, selector, seconds=20):
        """Whether it is there by now or comes soon: what a click brings may be a page away."""
        try:
            self.page.wait_for_selector(selector, timeout=seconds * 1000, state="attached")
            return True
        except TimeoutError:
            return False

    def prefer(self, language, theme):
        self.open("/account")
        self.page.select_option("#language", language)
        self.page.select_option("#theme", theme)
        self.page.locator("form[action='/account/preferences'] .button-main").click()
        return self.appears(f"html[lang='{language}'][data-theme='{theme}']")


def frames(page, count=3):
    """The browser has drawn so many times: what changed before is to be seen."""
    page.evaluate("""async (count) => {
        for (let at = 0; at < count; at += 1) await new Promise((go) => requestAnimationFrame(go));
    }""", count)
