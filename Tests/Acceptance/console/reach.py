"""The main jobs of reaching people, by hand: rules, templates, a broadcast, a journey, an experiment, and leaving again."""

import re

PHONE = {"width": 390, "height": 844}


def rules(console):
    """Without quiet hours, so that what is sent here leaves at any hour; a limit more, and what is wrong keeps what was typed."""
    page, checks = console.page, console.checks
    console.open("/sending/policy")
    page.fill("#p-from", "0")
    page.fill("#p-to", "0")
    page.fill("#cap2-most", "3")
    page.locator("form .button-main").click()
    checks.check("a limit without its days is refused", console.appears("[role=alert]"))
    checks.equal("and what was typed is still there", page.input_value("#cap2-most"), "3")
    page.fill("#cap2-days", "30")
    page.select_option("#cap2-channel", "inbox")
    page.locator("form .button-main").click()
    checks.check("the rules are kept", console.appears(".toast"))
    checks.equal("with the new limit", page.input_value("#cap2-days"), "30")
    checks.equal("and an empty line for one more", page.input_value("#cap3-most"), "")


def letter(console):
    """A letter of parts, whose preview follows what is typed; its address, and the one where its reader leaves."""
    page, checks = console.page, console.checks
    template = _template(console, "Spring tea", "email")
    page.locator("button[value='add:divider']").click()
    page.wait_for_url(re.compile("#block-"))
    page.fill("#f-subject", "For {{ person.name }}")
    page.fill("#b0-text", "Typed, and not saved")
    framed = _framed(console, "Typed, and not saved")
    checks.check("the preview follows what is typed", "Typed, and not saved" in framed, framed[:200])
    page.fill("#as", "M0003")
    page.locator("main aside button").first.click()
    page.locator("[data-look=dark]").click()
    framed = _framed(console, "Customer ")
    checks.check("as another person, by night", "Customer " in framed and "dark" in page.locator("iframe").last.get_attribute("class"), framed[:200])
    checks.equal("without a word lost", page.input_value("#b0-text"), "Typed, and not saved")
    page.locator(".page-head button[value=publish]").click()
    checks.check("a button that leads nowhere is refused", "link" in _alert(console))
    checks.equal("and the text is still there", page.input_value("#b0-text"), "Typed, and not saved")
    page.fill("#b2-url", "https://shop.example.com/spring")
    page.locator(".page-head button[value=publish]").click()
    page.locator(".toast").first.wait_for()
    checks.check("then it is published", page.locator(".page-head .chip-good").count() == 1)
    leave = page.frame_locator("iframe.letter-frame").last.locator("a[href*='/u/']").last.get_attribute("href")
    return template, leave


def item(console):
    """What people get in the inbox of the app: what cannot be is told at its place."""
    page, checks = console.page, console.checks
    template = _template(console, "Inbox hello", "inbox")
    page.fill("#f-body", "You have {{ points.availble }} points.")
    page.locator(".page-head button[value=publish]").click()
    told = _alert(console)
    checks.check("a name that is not there is told with its place", "Text, line 1" in told and "availble" in told, told)
    page.fill("#f-body", "You have {{ points.available | default: 0 }} points.")
    page.locator(".page-head button[value=publish]").click()
    page.locator(".page-head .chip-good").wait_for()
    return template


def everybody(console):
    """The id of a segment that all belong to."""
    page = console.page
    console.open("/segments/new")
    page.fill("#segment-name", "Everybody known")
    page.locator("#segment-form .button-main").click()
    page.wait_for_url(re.compile(r"/segments/\d+$"))
    return page.url.rsplit("/", 1)[1]


def broadcast(console, segment):
    """`segment`: the id of one with people. Asked before it starts, and told when all has left."""
    page, checks = console.page, console.checks
    console.open("/broadcasts/new")
    page.fill("#b-name", "Spring hello")
    page.select_option("#b-template", label="Inbox hello · Inbox")
    page.select_option("#b-segment", segment)
    page.fill("#b-holdout", "some")
    page.locator("form .button-main").click()
    checks.check("what is no number is refused", bool(_alert(console)))
    checks.equal("and the name stays", page.input_value("#b-name"), "Spring hello")
    page.fill("#b-holdout", "10")
    page.locator("form .button-main").click()
    page.wait_for_url(re.compile(r"/broadcasts/\d+$"))
    path = page.url.removeprefix(console.url)
    page.locator("[data-dialog=start]").click()
    asked = page.locator("#start").inner_text()
    checks.check("it asks before it starts", "Inbox hello" in asked and "people" in asked, asked)
    page.locator("#start .button-main").click()
    checks.check("all of it leaves while one looks", console.appears("#progress .banner", 60))
    sent = page.locator("#progress a[href*='reached=sent']")
    checks.check("and who got it is a click away", sent.count() == 1)
    sent.click()
    page.wait_for_url(re.compile("/messages"))
    checks.check("each message with its person and where it came from", page.locator("tbody a[href='" + path + "']").count() > 3)
    return path


def journey(console, send):
    """From a playbook: what is open is told, chosen, saved and published; people come in. `send`: somebody does an event.

    Of several people, because each is held out with a chance of one in ten.
    """
    page, checks = console.page, console.checks
    console.open("/journeys/playbooks")
    page.locator("button[value=abandoned_cart]").click()
    page.wait_for_url(re.compile(r"/journeys/\d+/edit$"))
    page.locator(".flow-card.has-issue").first.wait_for()
    checks.check("what has to be chosen is said at its card", "template" in page.locator(".flow-card.has-issue").first.inner_text())
    while page.locator(".flow-card.has-issue").count():
        left = page.locator(".flow-card.has-issue").count()
        page.locator(".flow-card.has-issue").first.click()
        page.locator("[data-panel] select").first.select_option(label="Inbox hello")
        page.wait_for_function("n => document.querySelectorAll('.flow-card.has-issue').length < n", arg=left)
    page.locator(".flow-card[data-node='']").click()
    page.locator("[data-panel] .criteria-line input").first.fill("Tea Tasted")
    page.locator(".flow-card[data-node='']", has_text="Tea Tasted").wait_for()
    page.locator(".page-head .button-main").click()
    page.wait_for_url(re.compile(r"/journeys/\d+$"))
    path = page.url.removeprefix(console.url)
    page.locator(".page-head a[href$='/publish']").click()
    page.wait_for_url(re.compile("/publish$"))
    page.locator("form .button-main").click()
    page.wait_for_url(re.compile(r"/journeys/\d+$"))
    checks.check("it is live", page.locator(".page-head .chip-good").count() == 1)
    for number in range(1, 6):
        send(f"M{number:04}", "Tea Tasted")
    entered = page.locator("a[href$='/runs']")
    # Until somebody waits on the way: whoever came in first may be held out, and is nowhere.
    for _ in range(60):
        console.open(path)
        if page.locator(".flow-card .chip-info").count():
            break
        page.wait_for_timeout(300)
    checks.check("whoever does it comes in", re.sub(r"\D", "", entered.first.inner_text()) in tuple("12345"), entered.first.inner_text())
    _panels(console)
    page.locator(".flow-card .chip-info").first.click()
    page.wait_for_url(re.compile("/runs"))
    page.locator("tbody a").first.click()
    page.wait_for_url(re.compile(r"/runs/\d+$"))
    checks.check("one way is told step by step", page.locator("h1").count() == 1)
    return path, page.url.removeprefix(console.url)


def _panels(console):
    """Tried as a person, asked why, and counted over the last days."""
    page, checks = console.page, console.checks
    for form, panel, result in (("trial", "#trial", ".flow-walk li"), ("why", "#reasons", ".explanation li")):
        page.locator(f"form[hx-get$='/{form}'] input").fill("M0001")
        page.locator(f"form[hx-get$='/{form}'] button").click()
        checks.check(f"a person's {form} has its lines", console.appears(f"{panel} {result}"))
    page.locator("form[hx-get$='/dry-run'] button").click()
    checks.check("the dry run counts", console.appears("#dry-result .figure", 60))
    checks.check("and says on what it rests", page.locator("#dry-result .tiny").count() >= 1)


def experiment(console):
    page, checks = console.page, console.checks
    console.open("/experiments/new")
    page.fill("#name", "Free shipping banner")
    page.fill("#hypothesis", "Because shipping puts people off, we expect that a banner makes more of them order.")
    checks.check("what a metric does not ask for is not shown", not page.locator("#event-g0").is_visible())
    page.select_option("#kind-g0", "revenue")
    page.locator("#segment-form .button-main").click()
    page.wait_for_url(re.compile(r"/experiments/\d+$"))
    path = page.url.removeprefix(console.url)
    page.locator("button[value=running]").click()
    checks.check("it runs, and says where it stands", console.appears(".banner[role=status]", 60))
    return path


def leave(console, browser, address):
    """From a phone, by the link of a letter: one topic, then all."""
    page = browser.new_context(viewport=PHONE, locale="en-GB", java_script_enabled=False).new_page()
    checks = console.checks
    page.goto(address)
    topics, kept = page.locator("[name=topic]"), page.locator("[name=topic]:checked")
    checks.equal("a link leaves nobody by itself", (topics.count(), kept.count()), (2, 2))
    topics.first.uncheck()
    page.locator("button[value=save]").click()
    checks.check("what was chosen is kept, and said", page.locator("[role=status]").count() == 1)
    checks.check("as it was chosen", kept.count() == 1 and not topics.first.is_checked())
    page.locator("button[value=none]").click()
    checks.equal("nothing more at all is one click", kept.count(), 0)
    page.goto(address)
    checks.equal("and stays so", kept.count(), 0)
    page.context.close()


def _template(console, name, channel):
    page = console.page
    console.open("/templates")
    page.locator("[data-dialog=make]").first.click()
    page.fill("#t-name", name)
    page.select_option("#t-channel", channel)
    page.locator("#make .button-main").click()
    page.wait_for_url(re.compile(r"/templates/\d+"))
    console.settle()
    return re.sub(r".*(/templates/\d+).*", r"\1", page.url)


def _alert(console):
    return console.page.locator("[role=alert]").inner_text() if console.appears("[role=alert]") else ""


def _framed(console, words):
    """What the preview says once it says this, or in the end."""
    text = ""
    for _ in range(100):
        frames = [one for one in console.page.frames if one.parent_frame]
        texts = [one.locator("body").inner_text() for one in frames[-1:] if one.url != "about:blank"]
        text = " ".join(texts)
        if words in text:
            break
        console.page.wait_for_timeout(50)
    return text
