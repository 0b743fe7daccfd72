"""What is said when something cannot be had: another role's page, too many wrong passwords, a fault of the server."""

import re
import sqlite3

import looks
from driver import PASSWORD


def hold(console, browser, server, shots):
    """In a workspace whose store is a file here, which loses a table for a moment."""
    _role(console, browser, shots)
    _throttle(console, browser, shots)
    _fault(console, server, shots)


def _role(console, browser, shots):
    page, checks = console.page, console.checks
    console.open("/settings/users")
    page.locator("[data-dialog=invite]").click()
    page.fill("#invite-email", "viewer@example.com")
    page.check("#invite input[name=role][value=viewer]")
    page.locator("#invite .button-main").click()
    link = page.locator("#link").inner_text()
    visitor = browser.new_context(locale="en-GB").new_page()
    visitor.goto(link)
    visitor.fill("#password", PASSWORD)
    visitor.fill("#again", PASSWORD)
    visitor.click("button[name=now]")
    visitor.wait_for_url(console.url + "/")
    answer = visitor.goto(console.url + "/settings")
    checks.equal("a page of another role is refused", answer.status, 403)
    _judge(visitor, checks, "forbidden", shots)
    visitor.locator("main a.button").click()
    visitor.wait_for_url(console.url + "/")
    checks.equal("and leads on to one's own", visitor.locator("nav.nav").count(), 1)
    checks.equal("whose menu does not offer it", visitor.locator(".nav a[href='/settings']").count(), 0)
    visitor.context.close()


def _throttle(console, browser, shots):
    visitor = browser.new_context(locale="en-GB").new_page()
    status = 0
    for turn in range(7):
        visitor.goto(console.url + "/sign-in")
        visitor.fill("#email", "viewer@example.com")
        visitor.fill("#password", f"wrong words {turn}")
        with visitor.expect_response(lambda one: one.request.method == "POST") as answer:
            visitor.click("form button")
        visitor.wait_for_load_state()
        status = answer.value.status
        if status == 429:
            break
    console.checks.equal("too many wrong passwords are slowed down", status, 429)
    told = visitor.locator("[role=alert]").inner_text()
    console.checks.check("and how long is told", bool(re.search(r"\d+ (second|minute)", told)), told)
    console.checks.equal("the address that was typed stays", visitor.locator("#email").input_value(), "viewer@example.com")
    _judge(visitor, console.checks, "throttled", shots)
    visitor.context.close()


def _fault(console, server, shots):
    page, checks = console.page, console.checks
    store = sqlite3.connect(server.data / "perennial.sqlite", timeout=20)
    store.execute("ALTER TABLE exports RENAME TO exports_elsewhere")
    store.commit()
    try:
        answer = page.goto(console.url + "/exports")
        checks.equal("a fault of the server is a status", answer.status, 500)
        text = page.locator("main").inner_text()
        reference = page.locator("main code").inner_text()
        checks.check("the page gives a reference and no statement", bool(re.fullmatch("[0-9a-f]{8}", reference)) and "exports_" not in text, text)
        checks.check("which is found in the log", reference in server.tail(200_000), reference)
        checks.equal("it offers to try again", page.locator("main .button-main").get_attribute("href"), "/exports")
        _judge(page, checks, "fault", shots)
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p id=panel hx-get=\"/exports/list\" hx-trigger=\"load\"></p>'); htmx.process(document.getElementById('panel'))")
        checks.check("a panel says so in its place", console.appears("#panel .empty code"))
    finally:
        store.execute("ALTER TABLE exports_elsewhere RENAME TO exports")
        store.commit()
        store.close()
    checks.equal("and it is well again", page.goto(console.url + "/exports").status, 200)


def _judge(page, checks, name, shots):
    looks.glance(page, name, shots, checks)
