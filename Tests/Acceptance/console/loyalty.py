"""A currency is written, a person becomes a member, is given points, and a reward is offered: pages with something on them."""

import re


def points(console, person):
    """The addresses of what was made."""
    page, checks = console.page, console.checks
    console.open("/points/currencies/new")
    page.fill("#code", "points")
    page.fill("#name-en", "Points")
    page.fill("#name-zh", "积分")
    page.fill("#notice", "30, 7")
    page.fill("#value", "10")
    page.locator("form[action='/points/currencies'] .button-main").click()
    page.wait_for_url(re.compile(r"/points/currencies$"))
    checks.check("a currency says its policies in sentences", page.locator(".card li").count() > 5)
    console.open(person)
    page.locator("form[action$='/membership'] button").click()
    page.wait_for_url(re.compile(r"/members/\d+$"))
    member = re.sub(r".*(/members/\d+).*", r"\1", page.url)
    for amount, reason in (("1200", "Welcome"), ("300", "Late parcel")):
        console.open(member)
        page.locator("[data-dialog=adjust]").click()
        page.fill("#adjust-amount", amount)
        page.fill("#adjust-reason", reason)
        page.locator("#adjust .button-main").click()
        page.wait_for_load_state()
    checks.check("what was given is the balance", "1,500" in page.locator("main").inner_text())
    console.open("/rewards/new")
    page.fill("#name-en", "Tea cup")
    page.fill("#name-zh", "茶杯")
    page.fill("#price", "300")
    page.fill("#stock", "20")
    page.locator("form[action='/rewards'] .button-main").click()
    page.wait_for_url(re.compile(r"/rewards/\d+$"))
    reward = re.sub(r".*(/rewards/\d+).*", r"\1", page.url)
    console.open("/points?kind=adjust")
    checks.equal("the ledger shows what was given by hand", page.locator("[data-table=ledger] tbody tr").count(), 2)
    return [member, member + "/statement", member + "/transactions/1", "/points/currencies/points", reward, reward + "/edit"]
