"""A click on a mark of a drawing opens the people behind it: one of each kind of chart, where it really stands."""

from datetime import date

from desk import moved
from playwright.sync_api import TimeoutError

# The kind as `charts.js` names it, a page that has one with somebody behind it, and what is listed there.
PEOPLE = "tbody a[href^='/people/']"
YEAR = f"from={moved(date(2026, 1, 1))}&to={moved(date(2026, 10, 31))}"
PLACES = [
    ("line", "/?days=365", PEOPLE), ("bar", "/?days=365", PEOPLE), ("area", "/?days=365", PEOPLE),
    ("calendar", f"/orders?{YEAR}", "tbody a[href^='/orders/']"), ("sankey", f"/insight/paths?start=Order%20Completed&{YEAR}", PEOPLE),
    ("heat", "/rfm", PEOPLE), ("scatter", "/console/design", PEOPLE),
    ("funnel", f"/insight/funnel?steps=Order%20Completed%0AOrder%20Completed&{YEAR}", PEOPLE),
    ("heat", f"/insight/retention?{YEAR}&step=month", PEOPLE), ("stack", f"/insight/retention?{YEAR}&step=month", PEOPLE),
    ("line", f"/insight/retention?{YEAR}&step=month", PEOPLE),
    ("line", f"/insight/explore?{YEAR}", PEOPLE), ("bar", f"/insight/explore?{YEAR}&by=source", PEOPLE),
]

# Where the first mark with people lies in the window, as [x, y, its address]; null without one.
SPOT = """async (kind) => {
    const { echarts } = await import(document.querySelector("meta[name=charts]").content);
    for (const figure of document.querySelectorAll(`[data-drawn="${kind}"]`)) {
        const facts = JSON.parse(figure.querySelector("script").textContent);
        const canvas = figure.querySelector(".chart-canvas");
        const chart = echarts.getInstanceByDom(canvas);
        const data = chart.getModel().getSeriesByIndex(0).getData();
        let found = null;
        if (kind === "sankey") {
            data.graph.eachEdge((edge) => {
                const [from, to, flow] = [edge.node1.getLayout(), edge.node2.getLayout(), edge.getLayout()];
                const href = facts.flows[edge.dataIndex].href;
                if (found || !href || flow.dy < 3) return;
                const y = (from.y + flow.sy + to.y + flow.ty + flow.dy) / 2;
                found = [(from.x + from.dx + to.x) / 2 + data.hostModel.layoutInfo.x, y + data.hostModel.layoutInfo.y, href];
            });
        } else if (kind === "funnel") {
            facts.links?.forEach((href, at) => {
                const points = data.getItemLayout(at)?.points;
                if (!found && href && points) found = [points.reduce((sum, one) => sum + one[0], 0) / 4, points.reduce((sum, one) => sum + one[1], 0) / 4, href];
            });
        } else if (kind === "scatter") {
            const one = facts.points.at(-1);
            found = [...chart.convertToPixel({ seriesIndex: 0 }, [one.x, one.y]), one.href];
        } else {
            const links = facts.series.flatMap((one, series) => (one.links ?? facts.links ?? []).map((href, at) => ({ href, at, series, value: one.values[at] })));
            // The largest: a mark that is wide and high enough to be hit.
            const mark = links.filter((one) => one.href && one.value).sort((a, b) => b.value - a.value)[0];
            if (!mark) continue;
            const layout = chart.getModel().getSeriesByIndex(kind === "heat" || kind === "calendar" ? 0 : mark.series);
            if (kind === "heat") found = [...chart.convertToPixel({ seriesIndex: 0 }, [mark.at, mark.series]), mark.href];
            else if (kind === "calendar") found = [...chart.convertToPixel({ calendarIndex: 0 }, facts.categories[mark.at]), mark.href];
            else if (kind === "bar" || kind === "stack") {
                const bar = layout.getData().getItemLayout(mark.at);
                found = [bar.x + bar.width / 2, bar.y + bar.height / 2, mark.href];
            } else {
                const points = layout.getData().getLayout("points");
                const top = points[mark.at * 2 + 1];
                const below = mark.series ? chart.getModel().getSeriesByIndex(mark.series - 1).getData().getLayout("points")[mark.at * 2 + 1]
                    : chart.convertToPixel({ yAxisIndex: 0 }, 0);
                found = [points[mark.at * 2], kind === "area" ? (top + below) / 2 : top, mark.href];
            }
        }
        if (!found) continue;
        canvas.scrollIntoView({ block: "center" });
        const box = canvas.getBoundingClientRect();
        return [box.x + found[0], box.y + found[1], found[2]];
    }
    return null;
}"""


def hold(console):
    page, checks = console.page, console.checks
    # Nothing is still on its way to where it is clicked.
    page.emulate_media(reduced_motion="reduce")
    for kind, path, listed in PLACES:
        console.open(path)
        spot = page.evaluate(SPOT, kind)
        name = f"{kind} of {path.split('?')[0]}"
        if not checks.check(f"the {name} has somebody behind it", spot is not None):
            continue
        x, y, href = spot
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        try:
            page.wait_for_url(console.url + href, timeout=5000)
        except TimeoutError:
            pass
        opened = page.url.removeprefix(console.url)
        checks.check(f"a click on the {name} opens them", opened == href, f"{opened} and not {href}")
        checks.check(f"and lists them ({name})", console.appears(listed))
    page.emulate_media(reduced_motion="null")
