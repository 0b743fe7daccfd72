// Charts: a figure holds its facts as JSON; ECharts is loaded once, when the first chart is near.

import { language, meta, root, whenShown, words } from "./page.js";
import { saveCSV } from "./csv.js";

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);
function token(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

const money = (unit) => new Intl.NumberFormat(language, {
  style: "currency", currency: meta("currency") || "CNY", notation: unit === "short" ? "compact" : "standard",
  maximumFractionDigits: unit === "short" ? 1 : 2, currencyDisplay: "narrowSymbol",
});
const formats = {
  count: [new Intl.NumberFormat(language), new Intl.NumberFormat(language, { notation: "compact" })],
  decimal: [new Intl.NumberFormat(language, { maximumFractionDigits: 2 }), new Intl.NumberFormat(language)],
  percent: [
    new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }),
    new Intl.NumberFormat(language, { style: "percent" }),
  ],
  money: [money(), money("short")],
};
const say = (value, unit) => (value == null ? "–" : (formats[unit] ?? formats.count)[0].format(value));
const saySmall = (value, unit) => (formats[unit] ?? formats.count)[1].format(value);

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

const drawn = new Map();
async function draw(figure) {
  const facts = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const canvas = figure.querySelector(".chart-canvas");
  buildTable(figure, facts);
  if (!meta("charts")) return showTable(figure, true);
  try {
    const echarts = await loadCharts();
    const chart = drawn.get(figure)?.chart ?? echarts.init(canvas, null, { renderer: "canvas" });
    chart.setOption(option(facts, figure.clientWidth < 520), true);
    if (!drawn.has(figure)) {
      chart.on("click", (event) => {
        const link = event.data?.href ?? facts.links?.[event.dataIndex];
        if (link) window.location.href = link;
      });
      new ResizeObserver(() => chart.resize()).observe(canvas);
    }
    drawn.set(figure, { chart, facts });
  } catch {
    showTable(figure, true);
  }
}
function redraw() {
  for (const figure of drawn.keys()) draw(figure);
}

function colour(series, index) {
  return token(series.colour ?? `chart-${(index % 6) + 1}`);
}

function option(facts, narrow) {
  const ink = token("ink"), soft = token("ink-soft"), line = token("line"), surface = token("raised");
  const text = { color: soft, fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily };
  const base = {
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300,
    textStyle: { fontFamily: text.fontFamily },
    aria: { enabled: true, label: { description: facts.title } },
    tooltip: {
      renderMode: "richText", backgroundColor: surface, borderColor: line, borderWidth: 1, confine: true,
      textStyle: { color: ink, fontSize: 12, fontFamily: text.fontFamily },
      valueFormatter: (value) => say(value, facts.unit),
    },
  };
  if (facts.kind === "sankey") return { ...base, ...sankey(facts, text) };
  if (facts.kind === "heat") return { ...base, ...heat(facts, text, line) };
  const series = facts.series.map((one, index) => drawSeries(facts, one, index));
  const legend = facts.series.length > 1
    ? { type: "scroll", left: 0, top: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: text,
      pageTextStyle: text, pageIconColor: soft }
    : undefined;
  const value = {
    type: facts.log ? "log" : "value", axisLabel: { ...text, formatter: (v) => saySmall(v, facts.unit) },
    splitLine: { lineStyle: { color: line } }, max: facts.kind === "share" ? 1 : undefined,
    splitNumber: 4,
  };
  const category = {
    type: "category", data: facts.categories, axisLabel: { ...text, hideOverlap: true, interval: facts.across ? 0 : undefined },
    axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, boundaryGap: facts.kind !== "area" && facts.kind !== "line",
  };
  return {
    ...base, series, legend,
    tooltip: { ...base.tooltip, trigger: "axis", axisPointer: { type: facts.kind === "bar" || facts.kind === "stack" ? "shadow" : "line", shadowStyle: { opacity: 0.08 }, lineStyle: { color: line } } },
    grid: { left: 4, right: narrow ? 8 : 16, top: legend ? 36 : 16, bottom: 4, containLabel: true },
    xAxis: facts.across ? value : category,
    yAxis: facts.across ? { ...category, inverse: true } : value,
  };
}

function drawSeries(facts, one, index) {
  const tone = colour(one, index);
  const shared = { name: one.name, data: one.values, itemStyle: { color: tone }, emphasis: { focus: "series" } };
  if (facts.kind === "bar" || facts.kind === "stack") {
    return {
      ...shared, type: "bar", stack: facts.kind === "stack" ? "all" : undefined, barMaxWidth: 28,
      itemStyle: { color: tone, borderRadius: facts.kind === "stack" ? 0 : facts.across ? [0, 3, 3, 0] : [3, 3, 0, 0] },
    };
  }
  const stacked = facts.kind === "area";
  return {
    ...shared, type: "line", stack: stacked ? "all" : undefined, smooth: 0.15, symbol: "circle", symbolSize: 5,
    showSymbol: one.values.length < 2, connectNulls: true,
    lineStyle: { width: one.before ? 1.5 : 2, color: tone, type: one.before ? "dashed" : "solid" },
    areaStyle: stacked ? { opacity: 0.75 } : index === 0 && !one.before ? { opacity: 0.1, color: tone } : undefined,
  };
}

function sankey(facts, text) {
  return {
    series: [{
      type: "sankey", left: 88, right: 88, top: 8, bottom: 8, nodeWidth: 12, nodeGap: 14, draggable: false,
      data: facts.nodes.map((node) => ({ name: node.id, itemStyle: { color: token(node.colour) }, value: node.value,
        label: { position: facts.flows.some((flow) => flow.from === node.id) ? "left" : "right" } })),
      links: facts.flows.map((flow) => ({ source: flow.from, target: flow.to, value: flow.value, href: flow.href })),
      label: { ...text, formatter: (p) => facts.nodes.find((node) => node.id === p.name)?.name ?? p.name },
      lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 }, emphasis: { focus: "adjacency" },
    }],
  };
}

function heat(facts, text, line) {
  const all = facts.series.flatMap((one) => one.values);
  return {
    grid: { left: 4, right: 8, top: 8, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: facts.categories, axisLabel: text, axisTick: { show: false }, axisLine: { show: false } },
    yAxis: { type: "category", data: facts.series.map((one) => one.name), axisLabel: text, axisTick: { show: false }, axisLine: { show: false } },
    visualMap: { show: false, min: 0, max: Math.max(1, ...all), inRange: { color: [0, 1, 2, 3, 4, 5, 6].map((n) => token(`heat-${n}`)) } },
    series: [{
      type: "heatmap", itemStyle: { borderColor: token("surface"), borderWidth: 2, borderRadius: 3 },
      data: facts.series.flatMap((one, y) => one.values.map((value, x) => [x, y, value])),
    }],
  };
}

function rows(facts) {
  if (facts.kind === "sankey") {
    const name = (id) => facts.nodes.find((node) => node.id === id)?.name ?? id;
    return [[words.from, words.to, facts.title], ...facts.flows.map((flow) => [name(flow.from), name(flow.to), flow.value])];
  }
  return [
    [facts.axis ?? "", ...facts.series.map((one) => one.name)],
    ...facts.categories.map((label, at) => [label, ...facts.series.map((one) => one.values[at])]),
  ];
}

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
    line.forEach((value, at) => {
      const cell = row.insertCell();
      if (typeof value === "number" || (at > 0 && value == null)) { cell.className = "num"; cell.textContent = say(value, facts.unit); } else cell.textContent = value;
    });
  }
  place.append(table);
  figure.querySelector("[data-chart-toggle]")?.addEventListener("click", () => showTable(figure, place.hidden));
  figure.querySelector("[data-chart-save]")?.addEventListener("click", () => saveCSV(rows(facts), facts.title || "chart"));
}

function showTable(figure, on) {
  figure.querySelector(".chart-table").hidden = !on;
  figure.querySelector(".chart-canvas").hidden = on;
  figure.querySelector("[data-chart-toggle]")?.setAttribute("aria-pressed", String(on));
  if (!on) drawn.get(figure)?.chart.resize();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
whenShown(findCharts);
