"""Every page is looked at, by several browsers at once: a round is one console in one language, and its pages are handed out.

Somebody's language is theirs on every page, so each round has a user of its own. Pages may be added while others are being
looked at: those that a task makes, and those that are worth looking at when it is done.
"""

from dataclasses import dataclass, field
from threading import Condition

import looks
from driver import Driver


@dataclass
class Round:
    url: str
    language: str
    # The looks that axe judges too, with its rules.
    judged: dict
    # Of who is signed in.
    state: dict
    prefix: str = ""
    paths: list = field(default_factory=list)


class Tour:
    def __init__(self, checks, shots, sources):
        """`sources`: how many hands may still add pages."""
        self.checks, self.shots, self.sources = checks, shots, sources
        self.rounds, self.changed = [], Condition()

    def begin(self, rounds, paths):
        with self.changed:
            self.rounds += rounds
        self.add(rounds, paths)

    def add(self, rounds, paths):
        with self.changed:
            for one in rounds:
                one.paths += paths
            self.changed.notify_all()

    def done(self):
        """One of those who add pages adds no more."""
        with self.changed:
            self.sources -= 1
            self.changed.notify_all()

    def walk(self, browser):
        """Looks at pages until there is none left and none to come."""
        drivers = {}
        while (taken := self._take()) is not None:
            one, path = taken
            if id(one) not in drivers:
                page = browser.new_context(storage_state=one.state).new_page()
                drivers[id(one)] = Driver(self.checks, page, one.url)
                looks.by_day(page)
            looks.look(drivers[id(one)], path, f"{self.shots}/{one.prefix}", one.language, one.judged)
        for driver in drivers.values():
            driver.page.context.close()

    def _take(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.sources or any(one.paths for one in self.rounds))
            # The longest row first, so that all end together.
            one = max(self.rounds, key=lambda one: len(one.paths), default=None)
            return (one, one.paths.pop(0)) if one and one.paths else None
