"""Clicks that the tracker recorded in Chromium, drawn by the console over the page they were made on."""

import re
import struct
import zlib

from acceptance import request

PASSWORD = "four words in a row"


def picture(width, height):
    """A grey PNG."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + b"\xcc" * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def console(browser, server):
    link = re.search(r"http://\S+/sign-in/link/\S+", server.command("users", "create", "maps@shop.example", "--role", "admin", "--language", "en"))[0]
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    page.goto(re.sub(r"http://[^/]+", server.url, link))
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("button[name=now]")
    page.wait_for_url(server.url + "/")
    return page


def heat_map(checks, browser, api, site, server, track):
    page = track.page
    page.goto(f"{site.url}/map")
    track.wait(lambda event: event["type"] == "page" and event["properties"]["path"] == "/map")
    page.mouse.click(150, 125)
    for _ in range(3):
        page.mouse.click(250, 125)
    page.mouse.click(700, 600)
    clicks = lambda event: event.get("event") == "Element Clicked" and event["properties"]["path"] == "/map"
    track.wait(lambda _: sum(map(clicks, track.posted.values())) == 5)
    page.goto(f"{site.url}/map2")
    track.arrived("Page Dwelt")
    made = [event["properties"] for event in track.posted.values() if clicks(event)]
    track.close()
    checks.check("what was clicked is archived", server.until_still())
    report = api.get("/api/v1/reports/heatmap?page=/map&width=desktop&days=2")[1]
    panels = {panel["name"]: panel for panel in report["panels"]}
    figures = {figure["name"]: figure["value"] for figure in panels["figures"]["figures"]}
    checks.equal("the report counts clicks, rage and clicks on nothing",
                 [figures[name] for name in ("clicks", "rage_clicks", "dead_clicks")], [5, 2, 1])
    cells = {tuple(row["labels"]): row["values"][0] for row in panels["cells"]["rows"]}
    expected = {}
    for one in made:
        cell = (str(one["page_x"] * 50 // one["page_width"]), str(one["page_y"] * 100 // one["page_height"]))
        expected[cell] = expected.get(cell, 0) + 1
    checks.equal("and where they were", cells, expected)
    checks.check("and how far the page was scrolled", panels["reach"]["rows"], str(panels["reach"]))

    seen = console(browser, server)
    address = f"{server.url}/insight/heatmap?page=/map&width=desktop"
    policy = seen.goto(address).headers["content-security-policy"]
    seen.wait_for_selector(".heatmap-spots a")
    checks.check("no site is framed that was not allowed", seen.locator("iframe").count() == 0 and "127.0.0.1" not in policy, policy)
    checks.check("the page says which must be", "127.0.0.1" in seen.locator("section[aria-labelledby=map]").inner_text())
    api.post("/api/v1/channel-targets", {"host": "127.0.0.1"})
    seen.goto(address)
    frame = seen.wait_for_selector(".heatmap iframe")
    checks.equal("the page itself lies below", frame.get_attribute("src"), site.url + "/map")
    seen.wait_for_timeout(1500)
    inner = frame.content_frame()
    checks.check("and is drawn", inner is not None and "Shop" in inner.content())
    spots = seen.locator(".heatmap-spots a")
    checks.equal("every place is a spot", spots.count(), len(expected))
    box, size = frame.bounding_box(), spots.last.bounding_box()
    middle = (size["x"] + size["width"] / 2 - box["x"], size["y"] + size["height"] / 2 - box["y"])
    hottest = max(expected, key=expected.get)
    wanted = ((int(hottest[0]) + 0.5) / 50 * box["width"], (int(hottest[1]) + 0.5) / 100 * box["height"])
    checks.check("the hottest lies on the element", all(abs(a - b) < 20 for a, b in zip(middle, wanted)), f"{middle} {wanted}")
    before = len(api.get("/api/v1/profiles")[1]["items"])
    seen.reload()
    seen.wait_for_selector(".heatmap iframe")
    seen.wait_for_timeout(3000)
    checks.equal("looking at it is no visit", len(api.get("/api/v1/profiles")[1]["items"]), before)

    put = f"{server.url}/api/v1/heatmap-pictures?page=/map&width=desktop"
    status, _, _ = request("PUT", put, picture(640, 2000), {**api.headers, "Content-Type": "image/png"})
    checks.equal("a picture is kept", status, 200)
    checks.equal("what is no picture is not", request("PUT", put, b"<svg/>", {**api.headers, "Content-Type": "image/png"})[0], 422)
    seen.goto(address)
    image = seen.wait_for_selector(".heatmap img")
    seen.wait_for_function("document.querySelector('.heatmap img').complete")
    checks.equal("the map lies over the picture then", image.evaluate("image => [image.naturalWidth, image.naturalHeight]"), [640, 2000])
    spots.last.click()
    seen.wait_for_url(re.compile("/behind"))
    seen.wait_for_selector("#main .list, #main table, #main li")
    checks.check("a spot opens who clicked there", seen.locator("text=/1 (person|people)/").count() or seen.locator("#main tbody tr").count() == 1)
    seen.context.close()
