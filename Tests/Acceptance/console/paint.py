"""What a first visit of the overview costs: bytes over the wire until the page is first painted, and until it is whole.

Counted is what Chromium received (CDP, `Network`): heads and compressed bodies of everything from this server, into an
empty cache. The line is as slow as a phone's on a bad day, so that what is not needed for the first paint comes after it
here as it does there, and the processor four times slower.
"""

KILOBYTE = 1024
# Slow 4G as Chromium's own tools have it.
SLOW = {"offline": False, "latency": 562, "downloadThroughput": 1.44e6 * 0.9 / 8, "uploadThroughput": 675e3 * 0.9 / 8}


class Wire:
    """Listens to what a page receives. Times are seconds of the browser's clock."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.paths, self.pieces, self.ends = {}, [], {}
        self.painted = None
        self.session.on("Network.requestWillBeSent", lambda one: self.paths.update({one["requestId"]: one["request"]["url"]}))
        self.session.on("Network.responseReceived", self._head)
        self.session.on("Network.dataReceived", self._piece)
        self.session.on("Network.loadingFinished", self._end)
        self.session.on("Page.lifecycleEvent", self._moment)
        for domain in ("Network", "Page"):
            self.session.send(domain + ".enable")
        self.session.send("Page.setLifecycleEventsEnabled", {"enabled": True})
        self.session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def slow(self):
        self.session.send("Network.emulateNetworkConditions", SLOW)
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": 4})

    def _head(self, one):
        self.pieces.append((one["timestamp"], one["requestId"], one["response"].get("encodedDataLength", 0)))

    def _piece(self, one):
        self.pieces.append((one["timestamp"], one["requestId"], one["encodedDataLength"]))

    def _end(self, one):
        self.ends[one["requestId"]] = (one["timestamp"], one["encodedDataLength"])

    def _moment(self, one):
        if one["name"] == "firstContentfulPaint":
            self.painted = one["timestamp"]

    def sizes(self, until=None):
        """{path: bytes} of everything that was there in the end, or at a moment."""
        return {self.paths[one]: size for one, (moment, size) in self.ends.items() if until is None or moment <= until}

    def until_paint(self):
        """Bytes that had arrived when there was something to be seen, of everything, finished or not."""
        return sum(size for moment, _, size in self.pieces if moment <= self.painted)


# What comes by itself after the page: panels and work in the background, and what draws charts.
LATER = ("/overview/", "/work", "/charts.js", "/chart-options.js", "/csv.js", "/how.js", "/echarts/", "mark.svg")


def hold(console, browser):
    """Two visits by phone, on a good and on a bad line."""
    state = console.page.context.storage_state()
    for line in ("fast", "slow"):
        context = browser.new_context(storage_state=state, viewport={"width": 390, "height": 844})
        page = context.new_page()
        wire = Wire(page)
        if line == "slow":
            wire.slow()
        page.goto(console.url + "/", wait_until="load")
        page.wait_for_selector("[data-chart][data-drawn]", timeout=120_000, state="attached")
        _judge(console, wire, line)
        context.close()


def _judge(console, wire, line):
    checks, early = console.checks, wire.until_paint()
    checks.check(f"the overview is painted before 50 KB have come ({line})", 0 < early < 50 * KILOBYTE, f"{early} bytes")
    ours = {path: size for path, size in wire.sizes().items() if path.startswith(console.url)}
    page = {path: size for path, size in ours.items() if not any(word in path for word in LATER)}
    first = sum(page.values())
    checks.check(f"all that it needs before its panels is under 50 KB ({line})", 0 < first < 50 * KILOBYTE, f"{first} bytes: {page}")
    hasty = [path for path in wire.sizes(wire.painted) if any(word in path for word in ("charts.js", "chart-options.js", "/echarts/"))]
    checks.equal(f"what draws charts does not come before the paint ({line})", hasty, [])
    whole = sum(size for path, size in ours.items() if "/echarts/" not in path)
    print(f"     {line}: {early} bytes until painted, {first} for the page, {whole} with its panels and all but ECharts")
