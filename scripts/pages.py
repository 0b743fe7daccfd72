"""People and their pages on a large base: every address asked many times over HTTP by somebody who is signed in.

`measure` gives a row for each kind of address: requests, p50, p95 and longest in milliseconds, and the server's own
processor time for one request. The times are the client's, one request after the other on one connection kept open.
"""

import http.client
import os
import random
import re
import time
import urllib.parse

HEAVY_PEOPLE = 3


class Visitor:
    """A browser without a face: one connection, cookies, forms."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies = {}

    def ask(self, method, path, form=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "HX-Request": "true"}
        if method == "POST":
            headers = {key: value for key, value in headers.items() if key != "HX-Request"}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"http://127.0.0.1:{self.connection.port}"
        elif "/timeline" not in path and "/orders" not in path:
            del headers["HX-Request"]
        body = urllib.parse.urlencode(form) if form is not None else None
        begun = time.perf_counter()
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        seconds = time.perf_counter() - begun
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer.status, text, 1000 * seconds

    def sign_in(self, link, password="long enough to sign in"):
        path = urllib.parse.urlsplit(link).path
        _, page, _ = self.ask("GET", path)
        csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
        status, text, _ = self.ask("POST", path, {"csrf": csrf, "password": password, "again": password, "now": "1"})
        if status not in (302, 303):
            raise RuntimeError(f"signing in answered {status}: {text[:300]}")


def addresses(draw, people, end_ms):
    """Families of addresses, each with as many examples as are asked."""
    def person():
        return draw.randrange(1, people + 1) // 100 * 100 + draw.randrange(1, 99)

    def deep(column, count):
        # A cursor is the value sorted by and an id: anywhere in the list.
        for _ in range(count):
            place = end_ms - draw.randrange(720 * 86_400_000) if column == "last_seen" else draw.randrange(400_000)
            yield f"sort={column}&cursor={place}.{person()}"

    stages = ["introduction", "growth", "maturity", "decline", "churn"]
    classes = ["111", "101", "011", "001", "110", "100", "010", "000"]
    name = ["王伟", "李", "张芳", "陈静", "周", "吴强强"]
    filters = [
        *(f"stage={stage}" for stage in stages), *(f"class={code}" for code in classes),
        *(f"source={number}" for number in range(1, 5)), "identified=1", "identified=0",
        *(f"seen={days}" for days in (1, 7, 30, 90, 365)), *(f"r={score}" for score in range(1, 6)),
    ]
    searches = [
        *(f"u{person()}" for _ in range(15)), *(f"u{person()}@example.com" for _ in range(10)),
        *("+8613" + str(1_000_000_000 + person())[1:] for _ in range(10)),
        *("13" + str(1_000_000_000 + person())[1:] for _ in range(10)), *name, *(str(person()) for _ in range(5)),
        "u1", "+86", "nobody at all", "%", "' OR 1=1 --",
    ]
    mixed = [
        f"stage={draw.choice(stages)}&class={draw.choice(classes)}&source={draw.randrange(1, 5)}"
        f"&sort={draw.choice(['spend', 'last_seen'])}" for _ in range(40)
    ]
    # Nobody matches: a page looks at as many rows as it may.
    rare = [
        f"r={draw.randrange(1, 6)}&f=3&seen={draw.choice([30, 90, 365])}&sort={draw.choice(['spend', 'last_seen'])}"
        for _ in range(20)
    ] + [f"f=3&{query}" for query in (*deep("last_seen", 20), *deep("spend", 20))]
    heavy = range(1, HEAVY_PEOPLE + 1)
    kinds = ["orders", "visits", "traits", "system"]
    some = [person() for _ in range(200)]
    return {
        "person": [f"/people/{number}" for number in some],
        "timeline": [f"/people/{number}/timeline" for number in some],
        "timeline, one kind": [f"/people/{number}/timeline?kind={draw.choice(kinds)}" for number in some[:100]],
        "orders of a person": [f"/people/{number}/orders" for number in some],
        "person with 100,000 events": [f"/people/{number}" for number in heavy for _ in range(20)],
        "timeline of 100,000 events": [f"/people/{number}/timeline" for number in heavy for _ in range(20)],
        "the same, one kind": [f"/people/{number}/timeline?kind={kind}" for number in heavy for kind in kinds * 5],
        "the same, deep": [
            f"/people/{number}/timeline?cursor={end_ms - draw.randrange(720 * 86_400_000)}.1"
            for number in heavy for _ in range(15)
        ],
        "people": ["/people", "/people?sort=spend"] * 25,
        "people, one filter": [f"/people?{one}&sort={sort}" for one in filters for sort in ("last_seen", "spend")],
        "people, three filters": [f"/people?{query}" for query in mixed],
        "people, deep in the list": [f"/people?{q}" for q in (*deep("last_seen", 50), *deep("spend", 50))],
        "people, a filter that nobody meets": [f"/people?{query}" for query in rare],
        "search": [f"/people?q={urllib.parse.quote(text)}" for text in searches],
    }


def processor_ms(process):
    """What a process has used so far: user and system, proc(5)."""
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(port, process, link, people):
    visitor = Visitor(port)
    visitor.sign_in(link)
    rows = []
    for name, paths in addresses(random.Random(11), people, int(time.time() * 1000)).items():
        times = []
        before = processor_ms(process)
        for path in paths:
            status, text, milliseconds = visitor.ask("GET", path)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}: {text[:300]}")
            times.append((milliseconds, path))
        cpu = (processor_ms(process) - before) / len(times)
        times.sort()
        p50, p95 = (times[min(len(times) - 1, int(len(times) * share))][0] for share in (0.5, 0.95))
        rows.append((name, len(times), p50, p95, times[-1][0], cpu))
        longest, path = times[-1]
        print(f"{name:36} {len(times):4} {p50:8.1f} {p95:8.1f} {longest:8.1f} {cpu:7.1f}  {path}", flush=True)
    return rows
