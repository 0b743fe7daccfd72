"""Every page is looked at, by two browsers at once: a round is one console in one language, and its pages are handed out.

Somebody's language is theirs on every page, so a round begins when the one before it in the same console is over.
"""

from dataclasses import dataclass, field
from threading import Condition

import looks
from driver import Driver


@dataclass
class Round:
    url: str
    language: str
    # The looks that axe judges too.
    judged: list
    prefix: str = ""
    paths: list = field(default_factory=list)
    # Of who is signed in; without it the round waits.
    state: dict | None = None
    # Pages that are being looked at.
    open: int = 0


class Tour:
    def __init__(self, checks, shots, rounds):
        self.checks, self.shots, self.rounds = checks, shots, rounds
        self.changed = Condition()
        self.isStopped = False

    def begin(self, driver, paths):
        """The rounds of this console may begin, as who is signed in there."""
        with self.changed:
            for one in self.rounds:
                if one.url == driver.url:
                    one.paths, one.state = list(paths), driver.page.context.storage_state()
            self.changed.notify_all()

    def stop(self):
        """Nobody waits any longer for what will not come."""
        with self.changed:
            self.isStopped = True
            self.changed.notify_all()

    def walk(self, browser):
        """Looks at pages until there is none left."""
        for at, one in enumerate(self.rounds):
            before = [other for other in self.rounds[:at] if other.url == one.url]
            driver = None
            while (path := self._take(one, before)) is not None:
                try:
                    driver = driver or self._arrive(one, browser)
                    looks.look(driver, path, f"{self.shots}/{one.prefix}", one.language, one.judged)
                finally:
                    with self.changed:
                        one.open -= 1
                        self.changed.notify_all()
            if driver:
                driver.page.context.close()

    def _take(self, one, before):
        with self.changed:
            self.changed.wait_for(
                lambda: self.isStopped or one.state and not any(other.paths or other.open for other in before))
            if not one.paths:
                return None
            one.open += 1
            return one.paths.pop(0)

    def _arrive(self, one, browser):
        page = browser.new_context(storage_state=one.state, locale="zh-CN").new_page()
        driver = Driver(self.checks, page, one.url)
        looks.by_day(page)
        held = driver.prefer(one.language, "system")
        self.checks.check(f"preferences hold ({one.prefix}{one.language})", held)
        return driver
