"""Two visitors become one person, and the merge is taken back from the person's page."""

import re
import time


def undo(console, authorization):
    page, checks = console.page, console.checks

    def send(message, **who):
        answer = page.request.post(
            console.url + "/v1/identify", data={"messageId": message, "traits": {"city": "杭州"}, **who},
            headers={"Authorization": authorization})
        checks.equal(f"{message} is taken", answer.status, 200)

    send("merge-1", userId="U-900")
    send("merge-2", anonymousId="tablet-77")
    owner, tablet = find(console, "U-900"), find(console, "tablet-77")
    send("merge-3", userId="U-900", anonymousId="tablet-77")
    deadline = time.monotonic() + 20
    while find(console, "tablet-77") != owner and time.monotonic() < deadline:
        time.sleep(0.3)
    checks.check("a visitor who signs in becomes the person", bool(tablet) and find(console, "tablet-77") == owner != tablet)
    console.open(owner)
    page.locator("details:has(form[action*='/merges/']) > summary").first.click()
    page.locator("form[action*='/merges/'] button").first.click()
    page.wait_for_load_state()
    checks.check("an undone merge is told", page.locator(".toast").count() == 1)
    back = find(console, "tablet-77")
    checks.check("the visitor is a person apart again", bool(back) and back != owner, f"{back} {owner}")


def find(console, text):
    """The address of the one person that a search finds; None when there is none in time."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        console.open("/people?q=" + text)
        rows = console.page.locator("#people tbody a[href^='/people/'], [data-table=people] tbody a[href^='/people/']")
        if rows.count():
            return re.sub(r"[?#].*", "", rows.first.get_attribute("href"))
        time.sleep(0.3)
    return None
