// Perennial's charts: a figure holds its facts as JSON; ECharts is loaded once, when the first chart comes near.
// Every chart has a table of the same facts, CSV, PNG, and opens the people behind a mark. What a drawing is made of stands
// in chart-options.js.

import { download, meta, root, whenShown, words } from "./page.js";
import { depths, isLong, option, say, stepPixels, theme, token } from "./chart-options.js";
import { saveCSV } from "./csv.js";

// Drawing

let library;
function loadCharts() {
  library ??= import(meta("charts")).then((module) => module.echarts);
  return library;
}

const seen = "IntersectionObserver" in window
  ? new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
  }, { rootMargin: "200px" })
  : { observe: draw };

function findCharts(within) {
  for (const figure of within.querySelectorAll("[data-chart]:not([data-found])")) {
    figure.dataset.found = "";
    seen.observe(figure);
  }
}

const isNarrow = (figure) => figure.clientWidth < 520;

function widen(figure, facts, narrow) {
  const isWide = narrow && isLong(facts);
  const canvas = figure.querySelector(".chart-canvas");
  canvas.style.width = isWide ? `${depths(facts) * stepPixels}px` : "";
  if (isWide) canvas.parentElement.tabIndex = 0;
  else canvas.parentElement.removeAttribute("tabindex");
}

const drawn = new Map();
async function draw(figure) {
  const facts = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const canvas = figure.querySelector(".chart-canvas");
  buildTable(figure, facts);
  if (!meta("charts")) return showTable(figure, true);
  try {
    const echarts = await loadCharts();
    drawn.get(figure)?.chart.dispose();
    const chart = echarts.init(canvas, theme(), { renderer: "canvas" });
    let narrow = isNarrow(figure);
    widen(figure, facts, narrow);
    chart.resize();
    chart.setOption(option(facts, narrow));
    chart.on("click", (event) => open(linkOf(facts, event, chart)));
    drawn.set(figure, { chart, facts });
    figure.dataset.drawn = facts.kind;
    // The figure and not its canvas, which may be wider than what is to be seen of it.
    new ResizeObserver(() => {
      if (chart.isDisposed()) return;
      chart.resize();
      // A window that becomes a phone's, or a phone that is turned, gets the chart that was made for it.
      if (!figure.clientWidth || narrow === isNarrow(figure)) return;
      narrow = !narrow;
      widen(figure, facts, narrow);
      chart.resize();
      chart.setOption(option(facts, narrow), true);
    }).observe(figure);
  } catch {
    showTable(figure, true);
  }
}
function redraw() {
  for (const figure of drawn.keys()) {
    if (figure.isConnected) draw(figure);
    else drawn.delete(figure);
  }
}

function open(link) {
  if (link) window.location.href = link;
}

/// Where the people behind a mark are; a click on an area counts for the place that it lies over.
function linkOf(facts, event, chart) {
  if (event.data?.href) return event.data.href;
  let at = event.dataIndex;
  if (at == null && event.seriesIndex != null && event.event) {
    const place = chart.convertFromPixel({ seriesIndex: event.seriesIndex }, [event.event.offsetX, event.event.offsetY]);
    at = Math.round(place?.[0] ?? -1);
  }
  // Of areas upon each other the one that has somebody there; those that are empty lie on its edge.
  let series = event.seriesIndex;
  if (facts.kind === "area") while (series > 0 && !facts.series[series].values[at]) series -= 1;
  return facts.series?.[series]?.links?.[at] ?? facts.links?.[at];
}

// The same facts as a table, a file, a picture

/// Rows of cells; a cell is a text, a number, or either with the link to its people.
function rows(facts) {
  if (facts.kind === "sankey") {
    const name = (id) => facts.nodes.find((node) => node.id === id)?.name ?? id;
    return [[words.from, words.to, facts.title], ...facts.flows.map((flow) => [name(flow.from), name(flow.to), { value: flow.value, href: flow.href }])];
  }
  if (facts.kind === "scatter") {
    return [["", facts.axis, facts.yAxis], ...facts.points.map((one) => [{ value: one.name, href: one.href }, { value: one.x, unit: facts.xUnit }, one.y])];
  }
  return [
    [facts.axis ?? "", ...facts.series.map((one) => one.name)],
    ...facts.categories.map((label, at) => [
      label, ...facts.series.map((one) => ({ value: one.values[at], href: one.links?.[at] ?? (facts.series.length === 1 ? facts.links?.[at] : undefined) })),
    ]),
  ];
}
const valueOf = (cell) => (cell && typeof cell === "object" ? cell.value : cell);

function buildTable(figure, facts) {
  const place = figure.querySelector(".chart-table");
  if (!place || place.firstChild) return;
  const table = document.createElement("table");
  table.className = "table";
  const [head, ...body] = rows(facts);
  const headRow = table.createTHead().insertRow();
  head.forEach((label, at) => {
    const cell = document.createElement("th");
    cell.scope = "col";
    if (at > 0) cell.className = "num";
    cell.textContent = label;
    headRow.append(cell);
  });
  const tbody = table.createTBody();
  for (const line of body) {
    const row = tbody.insertRow();
    line.forEach((one, at) => {
      const cell = row.insertCell();
      const value = valueOf(one);
      const isNumber = typeof value === "number" || (at > 0 && value == null);
      if (isNumber) cell.className = "num";
      const text = isNumber ? say(value, one?.unit ?? facts.unit) : value;
      if (!one?.href) return (cell.textContent = text);
      const link = document.createElement("a");
      link.href = one.href;
      link.textContent = text;
      cell.append(link);
    });
  }
  place.append(table);
  const on = (name, action) => figure.querySelector(`[data-chart-${name}]`)?.addEventListener("click", action);
  on("toggle", () => showTable(figure, place.hidden));
  on("save", () => saveCSV(rows(facts).map((line) => line.map(valueOf)), facts.title || "chart"));
  on("picture", () => savePicture(figure, facts));
}

function showTable(figure, on) {
  figure.querySelector(".chart-table").hidden = !on;
  figure.querySelector(".chart-canvas").hidden = on;
  figure.querySelector("[data-chart-toggle]")?.setAttribute("aria-pressed", String(on));
  if (!on) drawn.get(figure)?.chart.resize();
}

/// The chart as it stands, twice as fine, under its title.
async function savePicture(figure, facts) {
  const chart = drawn.get(figure)?.chart;
  if (!chart) return;
  if (!figure.querySelector(".chart-table").hidden) showTable(figure, false);
  const scale = 2, head = 44 * scale;
  const picture = chart.renderToCanvas({ pixelRatio: scale, backgroundColor: token("surface") });
  const sheet = document.createElement("canvas");
  sheet.width = picture.width;
  sheet.height = picture.height + head;
  const pen = sheet.getContext("2d");
  pen.fillStyle = token("surface");
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.fillStyle = token("ink");
  pen.font = `600 ${15 * scale}px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillText(facts.title, 8 * scale, 28 * scale, sheet.width - 16 * scale);
  pen.drawImage(picture, 0, head);
  sheet.toBlob((blob) => blob && download(blob, `${facts.title || "chart"}.png`), "image/png");
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
whenShown(findCharts);
