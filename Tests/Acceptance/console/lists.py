"""The tasks around lists: views, columns, selection and export, live events, receipts, orders."""

import re

import looks


def views_and_columns(console):
    page, checks = console.page, console.checks
    console.open("/people?identified=1")
    page.locator("[data-dialog=view-new]").first.click()
    page.fill("#view-new-name", "会员")
    page.locator("#view-new .button-main").click()
    page.wait_for_url(re.compile(r"view=\d+"))
    checks.check("filters are kept as a view", page.locator(".views [aria-current]").inner_text().strip() == "会员")
    page.locator("details.pop summary").last.click()
    page.locator(".pop-panel input[value=first_seen]").check()
    page.locator(".pop-panel .button-main").last.click()
    page.wait_for_load_state()
    console.settle()
    checks.check("a chosen column shows up", page.locator("th", has_text=re.compile("First seen|首次出现")).count() == 1)
    page.keyboard.press("j")
    page.keyboard.press("x")
    checks.check("the keyboard selects a row", page.locator("tbody .tick :checked").count() == 1)
    checks.check("what can be done with it shows up", page.locator(".bulk").is_visible())


def export(console):
    page, checks = console.page, console.checks
    console.open("/people")
    page.locator("[data-dialog=export]").click()
    page.locator("#export .button-main").click()
    page.wait_for_url(re.compile(r"/people"))
    console.open("/orders")
    try:
        page.wait_for_selector(".toast a[href$='/file'], .tray a[href$='/file']", timeout=30000, state="attached")
        good = True
    except Exception:
        good = False
    checks.check("the end of an export is told on another page", good)
    console.open("/exports")
    page.wait_for_selector("#exports a[href$='/file']", timeout=30000)
    with page.expect_download() as download:
        page.locator("#exports a[href$='/file']").first.click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    checks.check("the file has everybody", text.startswith("profile_id,name") and text.count("\n") > 60, text[:80])


def segment(console, shots):
    """A segment is made with the builder, and somebody who edits an old copy of it is told."""
    page, checks = console.page, console.checks
    console.open("/segments/new")
    page.fill("#segment-name", "Regulars")
    page.locator("[data-criteria] details summary").click()
    page.fill("[name=criteria]", '{"version":1,"where":{"kind":"all","of":[{"kind":"stage","values":["growth"]}]}}')
    page.wait_for_selector("[data-builder] .criteria-line")
    page.locator("#segment-form .button-main").click()
    page.wait_for_url(re.compile(r"/segments/\d+$"))
    path = page.url.removeprefix(console.url)
    checks.check("a segment is made and opened", "Regulars" in page.locator("h1").inner_text())
    console.open(path + "/edit")
    page.evaluate("document.querySelector('#segment-form input[name=revision]').value = '0123456789abcdef'")
    page.fill("#segment-name", "Others")
    page.locator("#segment-form .button-main").click()
    page.wait_for_load_state()
    checks.check("an edit of an old copy is shown beside what holds", page.locator("mark").count() >= 2)
    looks.glance(page, "both-versions", shots, checks)
    page.locator("form .button-main").first.click()
    page.wait_for_url(re.compile(r"/segments/\d+$"))
    checks.check("whoever insists is obeyed", "Others" in page.locator("h1").inner_text())
    return path


def tag(console):
    page, checks = console.page, console.checks
    console.open("/tags/new")
    page.fill("#tag-name", "Tasting guests")
    page.locator("form .button-main").click()
    page.wait_for_url(re.compile(r"/tags/\d+$"))
    checks.check("a tag is made and opened", "Tasting guests" in page.locator("h1").inner_text())
    return page.url.removeprefix(console.url)


def score(console):
    """A model of scores is written with the editor, people are weighed by it, and its grade opens them."""
    page, checks = console.page, console.checks
    console.open("/scores/new")
    page.fill("[name=name]", "Interest")
    page.select_option("[data-editor] > .card:first-child > .card-body > .row > select", "order")
    checks.check("a rule is added to the definition", page.locator("[name=definition]").input_value().count('"kind"') == 5)
    page.locator("form .button-main").click()
    page.wait_for_url(re.compile(r"/scores/\d+$"))
    path = page.url.removeprefix(console.url)
    checks.check("a model of scores is made and opened", "Interest" in page.locator("h1").inner_text())
    for _ in range(60):
        if re.sub(r"\D", "", page.locator(".figure-value").first.inner_text()) not in ("", "0"):
            break
        page.wait_for_timeout(500)
        console.open(path)
    checks.check("people are weighed", page.locator("a[href^='/people/'][href$='#scores']").count() > 0)
    page.locator(".figure-value a").first.click()
    page.wait_for_url(re.compile("/segments/new"))
    checks.check("a grade opens its people in the builder", page.locator(".criteria-line").count() > 0)
    return path


def completion(console):
    """Each of several names divided by commas is completed, with keys alone."""
    page, checks = console.page, console.checks
    console.open("/insight/explore")
    field = page.locator("input[data-parts]").first
    field.focus()
    page.wait_for_selector("input[data-parts][role=combobox]")
    field.fill("")
    listed = page.locator(".completion li")
    names = []
    for typed in ("e", ", e"):
        field.press_sequentially(typed)
        listed.first.wait_for()
        names.append(listed.first.get_attribute("data-name"))
        field.press("ArrowDown")
        field.press("Enter")
    checks.equal("the second event is completed like the first", field.input_value(), ", ".join(names))
    checks.check("and is another one, on the same page", names[0] != names[1] and page.url.endswith("/insight/explore"), names)
    field.press_sequentially(", ")
    field.press("Escape")
    checks.check("Escape closes the list", not page.locator(".completion").is_visible())


def program(console):
    """A program begins with usual rules, gets one more, shows what it would give, and is tried on history."""
    page, checks = console.page, console.checks
    console.open("/program")
    page.locator("form[action='/program/versions'] button").first.click()
    page.wait_for_url(re.compile(r"/program/versions/\d+/edit$"))
    page.locator("aside .figure-value").wait_for()
    page.select_option("[data-editor] > .card:first-child > .card-body > .row > select", "check_in")
    checks.check("a rule is added to the program", '"check_in"' in page.locator("[name=definition]").input_value())
    page.fill("#example-event", "Checked In")
    page.locator("aside .figure-value", has_text="10").first.wait_for()
    checks.check("the example shows at once what it gives", "10" in page.locator("aside .figure-value").inner_text())
    page.locator("form .button-main").click()
    page.wait_for_url(re.compile(r"/program/versions/\d+$"))
    path = page.url.removeprefix(console.url)
    page.locator("form[action$='/trials'] button").click()
    for _ in range(40):
        console.open(path)
        if page.locator("#try").locator("xpath=../..").locator(".figure-value").count():
            break
        page.wait_for_timeout(500)
    checks.check(
        "history is replayed through it", page.locator("#try").locator("xpath=../..").locator(".figure-value").count() == 1)
    return path


def channel(console):
    """A site is allowed, and a code that leads to it is made and opened."""
    page, checks = console.page, console.checks
    console.open("/channels")
    page.fill("#host", "shop.example.com")
    page.locator("form[action='/channels/hosts'] button").click()
    page.wait_for_load_state()
    page.locator("[data-dialog=add]").first.click()
    page.fill("#code-name", "Store door")
    page.fill("#code-target", "https://shop.example.com/welcome")
    page.locator("#add .button-main").click()
    page.wait_for_url(re.compile(r"/channels/\d+"))
    console.settle()
    checks.check("a code is drawn to be printed", page.locator("svg.qr path, img[src*='/qr']").count() >= 1)


def audit(console):
    """The log is a list as others are: sorted, its columns chosen, asked for as a file."""
    page, checks = console.page, console.checks
    console.open("/settings/audit")
    newest = page.locator("tbody tr").first.inner_text()
    page.locator("th[aria-sort] a").click()
    page.wait_for_url(re.compile("sort=oldest"))
    checks.check("the log turns round", page.locator("tbody tr").first.inner_text() != newest)
    with page.expect_download() as download:
        page.locator("[data-table-save]").click()
    checks.check("what is shown is kept as a file", download.value.suggested_filename.endswith(".csv"))
    page.locator("[data-dialog=export]").click()
    page.locator("#export .button-main").click()
    page.wait_for_url(re.compile("/settings/audit"))
    console.open("/exports")
    page.wait_for_selector("#exports tbody tr:first-child a[href$='/file']", timeout=30000)
    with page.expect_download() as download:
        page.locator("#exports tbody tr:first-child a[href$='/file']").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    checks.check("the whole log is a file with its chain", text.startswith("id,at,actor") and "session." in text, text[:120])


def live(console, authorization):
    page, checks = console.page, console.checks
    console.open("/live")
    page.wait_for_selector(".live-line", timeout=15000)
    checks.check("what came last is there", page.locator(".live-line").count() > 0)
    send(console, authorization, "live-1", "Product Viewed")
    page.wait_for_selector(".live-line:has(a[href$='message=live-1'])", timeout=15000, state="attached")
    first = page.locator(".live-line:has(a[href$='message=live-1'])")
    checks.check("an event shows up as it arrives", first.count() == 1)
    page.locator("[data-live-pause]").click()
    send(console, authorization, "live-2", "Product Viewed")
    page.wait_for_timeout(2500)
    checks.equal("paused, nothing moves", page.locator(".live-line:has(a[href$='message=live-2'])").count(), 0)
    page.locator("[data-live-pause]").click()
    checks.check("resumed, it is there", console.appears(".live-line:has(a[href$='message=live-2'])"))
    first.locator("[data-open]").click()
    page.wait_for_url(re.compile(r"/people/\d+"))
    checks.check("a line opens its person", page.locator("h1").count() == 1)
    console.open("/live?message=live-1")
    checks.check("a receipt says stored", page.locator(".chip-good").first.inner_text() in ("Stored", "已入库"))


def send(console, authorization, message, event, person="M0001"):
    body = f'{{"userId":"{person}","event":"{event}","messageId":"{message}","properties":{{"name":"白茶"}}}}'
    answer = console.page.request.post(
        console.url + "/v1/track", data=body, headers={"Content-Type": "application/json", "Authorization": authorization}
    )
    console.checks.equal(f"{message} is taken", answer.status, 200)


def orders(console):
    page, checks = console.page, console.checks
    console.open("/orders")
    page.wait_for_selector("section .chart", timeout=20000)
    page.locator("tbody a[href^='/orders/']").first.click()
    page.wait_for_url(re.compile(r"/orders/.+"))
    console.settle()
    checks.check("an order has its events", page.locator("section[aria-labelledby=events] li").count() >= 1)
    return page.url.removeprefix(console.url)
