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


def coupons(console, person):
    """A coupon is written with its print beside it, issued, drawn and tried; the addresses of what was made."""
    page, checks = console.page, console.checks
    console.open("/coupons/new")
    page.fill("#c-name", "Spring")
    page.fill("#c-minimum", "300")
    page.fill("#c-amount", "50")
    page.fill("#c-categories-only", "tea, cups")
    page.fill("#c-days", "30")
    printed = page.locator("#preview")
    printed.get_by_text(re.compile("满 ¥300 减 ¥50")).first.wait_for()
    # It comes anew after every field.
    checks.check("the print follows the form", console.appears("#preview :text('tea')"), printed.inner_text())
    page.select_option("#c-kind", "percent")
    checks.check("a benefit shows its own fields", page.locator("#c-percent").is_visible() and not page.locator("#c-amount").is_visible())
    page.select_option("#c-kind", "amount")
    page.locator("form[action='/coupons'] .button-main").click()
    page.wait_for_url(re.compile(r"/coupons/\d+$"))
    coupon = re.sub(r".*(/coupons/\d+).*", r"\1", page.url)
    page.locator("[data-dialog=batch]").click()
    page.fill("#batch-count", "2000")
    page.locator("#batch .button-main").click()
    page.wait_for_load_state()
    page.locator("[data-dialog=shared]").click()
    page.fill("#shared-code", "SPRING25")
    page.locator("#shared .button-main").click()
    page.wait_for_load_state()
    batch = page.locator("a[href^='/coupons/batches/']").first.get_attribute("href")
    code = page.locator("a[href^='/coupons/codes/']").first.get_attribute("href")
    console.open(batch)
    page.locator("#progress:not([hx-get])").wait_for(timeout=60_000)
    checks.check("the codes are all drawn", "2,000" in page.locator("#progress").inner_text())
    console.open(person)
    page.locator("#coupons-panel form button").click()
    page.locator("#coupons-panel a[href^='/coupons/codes/']").first.wait_for()
    console.open("/coupons/try?person=" + person.rsplit("/", 1)[1])
    page.fill("[name=category1]", "tea")
    page.fill("[name=price1]", "400")
    page.locator("#result .chip-good").first.wait_for()
    checks.check("the best combination is told with what is left to pay", "350" in page.locator("#result").inner_text())
    return [coupon, coupon + "/edit", batch, code]
