"""Somebody at work in the console: signs in, imports orders, finds a person, opens numbers, and looks after what was refused."""

import re
import time
from datetime import date, timedelta

import looks
from driver import PASSWORD, Driver


# The dates of the orders are those of a year whose last orders lie a month before this day, moved with today.
ASSUMED = date(2026, 11, 30)


def moved(day):
    return day + max(timedelta(0), date.today() - ASSUMED)


def orders_file(path, people=60):
    """A small shop's export, in Chinese, with a refused row."""
    lines = ["会员号,订单号,下单时间,实付金额,商品"]
    for person in range(people):
        for order in range(1 + person % 5):
            day = 1 + (person * 3 + order * 7) % 28
            month = 1 + (person + order * 2) % 10
            ordered = moved(date(2026, month, day))
            lines.append(
                f"M{person:04},T{person:04}-{order},{ordered} 10:{person % 60:02}:00,"
                f"{18 + person % 40}.5,乌龙茶"
            )
    lines.append("M9999,T9999-0,no date,12,绿茶")
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return path


class Console(Driver):
    def sign_in(self, link):
        self.page.goto(link)
        self.page.fill("#password", PASSWORD)
        self.page.fill("#again", PASSWORD)
        self.page.click("button[name=now]")
        self.page.wait_for_url(self.url + "/")
        self.checks.check("a one-time link and a new password open the console", self.page.locator(".nav").count() == 1)
        self.page.locator(".who").click()
        self.page.get_by_text(re.compile("^(退出登录|Sign out)$")).click()
        self.page.wait_for_url(re.compile("/sign-in"))
        self.page.fill("#email", "admin@localhost")
        self.page.fill("#password", PASSWORD)
        self.page.click("form button")
        self.page.wait_for_url(self.url + "/")
        self.checks.check("the password signs in again", self.page.locator("h1").count() == 1)

    def import_orders(self, file, shots):
        self.open("/imports")
        self.page.set_input_files("input[type=file]", str(file))
        self.page.wait_for_url(re.compile(r"/imports/\d+$"))
        self.settle()
        mapped = self.page.locator("select[name^='column.']").evaluate_all("list => list.map(one => one.value)")
        self.checks.equal("columns of a Chinese GB18030 export are recognised", mapped[:4], ["member_id", "order_id", "time", "amount"])
        looks.glance(self.page, "import-mapping", shots, self.checks)
        self.checks.check("the first rows are previewed", self.page.locator("#preview").count() == 1)
        self.page.select_option("select[name='column.4']", "keep")
        self.page.wait_for_load_state("networkidle")
        self.checks.equal("a changed column stays changed", self.page.locator("select[name='column.4']").input_value(), "keep")
        self.page.select_option("select[name='column.4']", "product")
        self.page.wait_for_load_state("networkidle")
        self.page.locator("#plan .button-main").click()
        self.page.wait_for_url(re.compile(r"/imports/\d+$"))
        self.page.wait_for_selector("#progress a[href='/people']", timeout=60000)
        self.checks.check("the import ends and leads to the people", True)
        self.checks.check("the refused row is offered as a file", self.page.locator("a[href$='/errors']").count() == 1)

    def find_person(self, text):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self.open("/people")
            if self.page.locator("#q").count():
                self.page.fill("#q", text)
                self.page.wait_for_load_state("networkidle")
                self.page.wait_for_timeout(600)
                if self.page.locator("#people tbody tr").count() == 1:
                    break
            time.sleep(0.5)
        found = self.page.locator("#people tbody tr").count()
        self.checks.equal("a member number finds one person", found, 1)
        self.page.locator("#people tbody a").first.click()
        self.page.wait_for_url(re.compile(r"/people/\d+"))
        self.settle()
        self.checks.check("the person's page shows the identity", text in self.page.locator("main").inner_text())
        self.checks.check("the timeline has moments", self.page.locator(".moment").count() > 0)
        self.page.locator(".timeline details summary").first.click()
        return self.page.url.removeprefix(self.url)

    def behind(self):
        """Numbers on marks, and the people listed behind them."""
        marks = [
            ("/?days=365", "a[href*='mark=buyers']", "a[href*='mark=repeat_buyers']"),
            ("/rfm", ".heat a[href*='mark=rfm']:not(.heat-0)", "tbody a[href*='class=']"),
            ("/lifecycle", "a[href*='mark=stage']", "a[href*='mark=stage&']"),
        ]
        for path, *selectors in marks:
            for selector in selectors:
                self.open(path)
                mark = self.page.locator(selector + ":visible").first
                mark.wait_for(timeout=15000)
                href = mark.get_attribute("href")
                said = re.search(r"[?&]n=(\d+)", href)
                self.open(href)
                head = self.page.locator("#behind-count")
                listed = re.sub(r"\D", "", head.inner_text()) if head.count() else "0"
                if said and "of=" not in href:
                    self.checks.equal(f"as many people as the mark says ({href.split('&')[0]})", listed, said.group(1))
                else:
                    self.checks.check(f"a mark opens its people ({href.split('&')[0]})", int(listed) > 0)
        self.open("/")
        how = self.page.locator(".figure .how").first
        how.click()
        self.checks.check("a figure says how it is counted", self.page.locator(".how-text:popover-open").count() == 1)
        self.page.keyboard.press("Escape")
        self.open("/rfm")
        chart = self.page.locator("[data-chart]").first
        chart.locator("[data-chart-toggle]").click()
        self.checks.check("a chart shows its table with links", chart.locator(".chart-table a").count() > 0)
        for kind in ("save", "picture"):
            with self.page.expect_download() as download:
                chart.locator(f"[data-chart-{kind}]").click()
            self.checks.check(f"a chart is kept as a file ({kind})", download.value.suggested_filename.endswith((".csv", ".png")))

    def make_key(self):
        self.open("/sources")
        self.page.locator("[data-dialog=add]").first.click()
        self.page.fill("#source-name", "Web shop")
        self.page.locator("#add .button-main").click()
        self.page.wait_for_url(re.compile(r"/sources/\d+"))
        self.settle()
        key = self.page.locator("code[id^='key-']").first.inner_text()
        self.checks.check("a source has a key and snippets that carry it", key in self.page.locator("pre").first.inner_text())
        body = '{"userId":"M0001","event":"Product Viewed","properties":{"name":"白茶"}}'
        answer = self.page.request.post(
            self.url + "/v1/track", data=body, headers={"Content-Type": "application/json", "Authorization": basic(key)}
        )
        self.checks.equal("the key is taken", answer.status, 200)
        self.checks.check("the page sees the first event arrive", self.appears("#arrival.banner-good"))
        return key

    def quarantine(self):
        key = None
        self.open("/sources")
        self.page.locator("table a").first.click()
        self.page.wait_for_url(re.compile(r"/sources/\d+"))
        key = self.page.locator("code[id^='key-']").first.inner_text()
        body = '{"batch":[{"type":"track","userId":"M0001","properties":{}}]}'
        self.page.request.post(
            self.url + "/v1/batch", data=body, headers={"Content-Type": "application/json", "Authorization": basic(key)}
        )
        deadline = time.monotonic() + 30
        self.open("/quarantine")
        while not self.page.locator("tbody tr").count() and time.monotonic() < deadline:
            self.open("/quarantine")
        self.checks.check("a refused event is listed with its reason", self.page.locator("tbody tr").count() >= 1)
        self.page.locator("tbody a").first.click()
        self.page.wait_for_url(re.compile(r"/quarantine/\d+"))
        raw = self.page.locator("textarea").input_value()
        self.page.fill("textarea", raw.replace('"track"', '"track","event":"Product Viewed"', 1))
        self.page.locator("form .button-main").click()
        self.page.wait_for_url(re.compile(r"/quarantine$"))
        self.checks.check("a mended event is replayed", self.appears(".toast"))

    def details(self):
        """One page of each kind that stands behind a row of a list."""
        found = ["/catalogue/event?name=Product%20Viewed", "/behind?mark=stage&stage=churn"]
        for path, selector in (
            ("/imports", "#imports a, [data-table=imports] a"), ("/sources", "table a"), ("/lifecycle", "a[href^='/lifecycle/models']"),
            ("/quarantine?status=replayed", "tbody a"), ("/channels", "table a[href^='/channels/']"),
        ):
            self.open(path)
            link = self.page.locator(selector)
            if self.checks.check(f"{path} leads to one of its kind", link.count() > 0):
                found.append(link.first.get_attribute("href"))
        return found


def basic(key):
    import base64

    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()
