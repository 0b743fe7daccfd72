// Perennial's charts: a figure holds its facts as JSON; ECharts is loaded once, when the first chart comes near.
// Every chart has one theme made of the tokens, a table of the same facts, CSV, PNG, and opens the people behind a mark.

import { download, language, meta, root, whenShown, words } from "./page.js";
import { saveCSV } from "./csv.js";

// Tokens and numbers

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);
function token(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

// Short numbers as the server writes them: 12.3K in English everywhere.
const short = language === "zh-CN" ? language : "en";
const money = (unit) => new Intl.NumberFormat(unit === "short" ? short : language, {
  style: "currency", currency: meta("currency") || "CNY", notation: unit === "short" ? "compact" : "standard",
  maximumFractionDigits: unit === "short" ? 1 : 2, currencyDisplay: "narrowSymbol",
});
const formats = {
  count: [new Intl.NumberFormat(language), new Intl.NumberFormat(short, { notation: "compact" })],
  decimal: [new Intl.NumberFormat(language, { maximumFractionDigits: 2 }), new Intl.NumberFormat(language)],
  percent: [
    new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    new Intl.NumberFormat(language, { style: "percent" }),
  ],
  money: [money(), money("short")],
};
const say = (value, unit) => (value == null ? "–" : (formats[unit] ?? formats.count)[0].format(value));
const saySmall = (value, unit) => (formats[unit] ?? formats.count)[1].format(value);

/// The one theme, made anew when light turns dark.
function theme() {
  const soft = token("ink-soft"), line = token("line");
  const font = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
  const text = { ...font, color: soft };
  const axis = {
    axisLabel: { ...text, hideOverlap: true }, nameTextStyle: text, axisTick: { show: false },
    axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: line } },
  };
  return {
    color: [1, 2, 3, 4, 5, 6].map((n) => token(`chart-${n}`)),
    textStyle: text,
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    legend: { textStyle: text, pageTextStyle: text, pageIconColor: soft, inactiveColor: token("line-strong") },
    tooltip: {
      backgroundColor: token("raised"), borderColor: line, borderWidth: 1,
      textStyle: { ...font, color: token("ink") }, axisPointer: { lineStyle: { color: token("line-strong") } },
    },
    sankey: { label: text },
    calendar: {
      dayLabel: text, monthLabel: text, yearLabel: { show: false }, splitLine: { show: false },
      itemStyle: { color: token("heat-0"), borderColor: token("surface"), borderWidth: 2 },
    },
  };
}

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

// Flows of several steps keep their names on a phone: the drawing is wider than the screen there, and moves sideways.
const stepPixels = 132;
const depths = (facts) => 1 + Math.max(0, ...facts.nodes.map((node) => Number.parseInt(node.id, 10) || 0));
const isLong = (facts) => facts.kind === "sankey" && depths(facts) > 2;
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

function option(facts, narrow) {
  const base = {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 300,
    aria: { enabled: true, label: { description: facts.title } },
    tooltip: { renderMode: "richText", confine: true, valueFormatter: (value) => say(value, facts.unit) },
  };
  const special = { sankey, heat, funnel, scatter, calendar }[facts.kind];
  return special ? special(facts, base, narrow) : axes(facts, base, narrow);
}

function axes(facts, base, narrow) {
  const isBar = facts.kind === "bar" || facts.kind === "stack";
  const legend = facts.series.length > 1
    ? { type: "scroll", left: 0, top: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect" } : undefined;
  const value = {
    type: "value", axisLabel: { formatter: (v) => saySmall(v, facts.unit) }, max: facts.ceiling, splitNumber: 4,
  };
  const category = facts.xs
    ? { type: "value", max: Math.max(...facts.xs), axisLabel: { formatter: (v) => saySmall(v, "count"), showMaxLabel: false }, splitLine: { show: false } }
    : { type: "category", data: facts.categories, axisLabel: { interval: facts.across ? 0 : undefined }, boundaryGap: isBar };
  return {
    ...base, legend,
    series: facts.series.map((one, index) => drawSeries(facts, one, index, narrow)),
    tooltip: { ...base.tooltip, trigger: "axis", axisPointer: { type: isBar ? "shadow" : "line", shadowStyle: { opacity: 0.08 } } },
    grid: { left: 4, right: facts.across ? 28 : narrow ? 8 : 16, top: (legend ? 36 : 16) + (facts.marks ? 18 : 0), bottom: 4, containLabel: true },
    xAxis: facts.across ? value : category,
    yAxis: facts.across ? { ...category, inverse: true } : value,
  };
}

function drawSeries(facts, one, index, narrow) {
  const tone = token(one.colour ?? `chart-${(index % 6) + 1}`);
  const data = facts.xs ? one.values.map((value, at) => [facts.xs[at], value]) : one.values;
  const links = one.links ?? facts.links;
  const shared = { name: one.name, data, itemStyle: { color: tone }, emphasis: { focus: "series" }, cursor: links ? "pointer" : "default" };
  if (facts.kind === "bar" || facts.kind === "stack") {
    const corners = facts.kind === "stack" ? 0 : facts.across ? [0, 3, 3, 0] : [3, 3, 0, 0];
    return {
      ...shared, type: "bar", stack: facts.kind === "stack" ? "all" : undefined, barMaxWidth: 28,
      itemStyle: { color: tone, borderRadius: corners },
    };
  }
  const stacked = facts.kind === "area";
  return {
    ...shared, type: "line", stack: stacked ? "all" : undefined, smooth: facts.xs ? 0 : 0.15, symbol: "circle", symbolSize: 6,
    showSymbol: one.values.length < 2 || Boolean(links && one.values.length <= 32), connectNulls: true,
    triggerLineEvent: Boolean(links),
    lineStyle: { width: one.before ? 1.5 : stacked ? 1 : 2, color: tone, type: one.before ? "dashed" : "solid" },
    areaStyle: stacked ? { opacity: 0.78 } : index === 0 && !one.before && !facts.xs ? { opacity: 0.1, color: tone } : undefined,
    markLine: index === 0 && facts.marks ? markLines(facts, narrow) : undefined,
  };
}

function markLines(facts, narrow) {
  return {
    symbol: "none", silent: true, lineStyle: { color: token("ink-faint"), type: "dotted", width: 1.5 },
    label: { color: token("ink-soft"), fontSize: narrow ? 10 : 11, formatter: "{b}", position: "end", rotate: 0, distance: 4 },
    data: facts.marks.map((one, at) => ({ name: one.name, xAxis: one.x, label: { align: at === 0 ? "right" : "left" } })),
  };
}

function sankey(facts, base, narrow) {
  const name = (id) => facts.nodes.find((node) => node.id === id)?.name ?? id;
  // On a phone names stand over the flows instead of beside them.
  const longest = Math.max(0, ...facts.nodes.map((node) => node.name.length));
  const side = narrow ? 4 : Math.min(180, Math.max(96, longest * 7));
  const isMoved = narrow && isLong(facts);
  const isSource = (id) => facts.flows.some((flow) => flow.from === id);
  return {
    ...base,
    tooltip: {
      ...base.tooltip,
      formatter: (p) => (p.dataType === "edge"
        ? `${name(p.data.source)} → ${name(p.data.target)}  ${say(p.value, facts.unit)}` : `${name(p.name)}  ${say(p.value, facts.unit)}`),
    },
    series: [{
      type: "sankey", left: side, right: isMoved ? stepPixels - 16 : side, top: 8, bottom: 8, nodeWidth: 12, nodeGap: 14, draggable: false,
      layoutIterations: 0, animationDuration: 300,
      data: facts.nodes.map((node) => ({ name: node.id, itemStyle: { color: token(node.colour) }, value: node.value, href: node.href,
        label: { position: isMoved || isSource(node.id) === narrow ? "right" : "left" } })),
      links: facts.flows.map((flow) => ({ source: flow.from, target: flow.to, value: flow.value, href: flow.href })),
      label: { formatter: (p) => name(p.name), color: token("ink-soft"), ...(isMoved ? { width: stepPixels - 24, overflow: "truncate", fontSize: 11 } : {}) },
      lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 }, emphasis: { focus: "adjacency" },
    }],
  };
}

/// The seven steps from no people to most.
const heatTones = () => [0, 1, 2, 3, 4, 5, 6].map((n) => token(`heat-${n}`));

function heat(facts, base, narrow) {
  const most = Math.max(1, ...facts.series.flatMap((one) => one.values));
  const cell = (value, x, y) => ({
    value: [x, y, value], href: facts.series[y].links?.[x],
    // The tones go evenly from the palest to the deepest; only the two deepest carry the other ink.
    label: { color: value / most > 0.77 ? token("accent-ink") : token("ink") },
  });
  return {
    ...base,
    tooltip: {
      ...base.tooltip,
      formatter: (p) => `${facts.series[p.value[1]].name} · ${facts.categories[p.value[0]]}\n${say(p.value[2], facts.unit)}`,
    },
    grid: { left: 4, right: 8, top: 8, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: facts.categories, axisLabel: { interval: facts.labels ? 0 : undefined, hideOverlap: !facts.labels, rotate: facts.labels && narrow ? 60 : 0, width: facts.labels && !narrow ? 76 : undefined, overflow: "break" }, axisLine: { show: false } },
    yAxis: { type: "category", data: facts.series.map((one) => one.name), inverse: true, axisLine: { show: false } },
    visualMap: { show: false, min: 0, max: most, dimension: 2, inRange: { color: heatTones() } },
    series: [{
      type: "heatmap", itemStyle: { borderColor: token("surface"), borderWidth: 2, borderRadius: 3 },
      label: { show: Boolean(facts.labels), fontSize: narrow ? 10 : 12, formatter: (p) => (p.value[2] ? saySmall(p.value[2], facts.unit) : "") },
      data: facts.series.flatMap((one, y) => one.values.map((value, x) => cell(value, x, y))),
    }],
  };
}

function funnel(facts, base, narrow) {
  const values = facts.series[0].values;
  const share = (at) => (at > 0 && values[at - 1] ? `  ${say(values[at] / values[at - 1], "percent")}` : "");
  return {
    ...base, tooltip: { ...base.tooltip, formatter: (p) => `${p.name}  ${say(p.value, facts.unit)}${share(p.dataIndex)}` },
    series: [{
      type: "funnel", left: narrow ? 8 : "12%", right: narrow ? 8 : "12%", top: 8, bottom: 8, sort: "none", gap: 3, minSize: "6%",
      label: { position: "inside", textBorderWidth: 0,
        formatter: (p) => `${p.name}  ${say(p.value, facts.unit)}${share(p.dataIndex)}` },
      itemStyle: { borderWidth: 0 },
      data: facts.categories.map((name, at) => ({ name, value: values[at], href: facts.links?.[at],
        itemStyle: { color: heatTones()[Math.max(1, 5 - at)] }, label: { color: token(at ? "ink" : "accent-ink") } })),
    }],
  };
}

function scatter(facts, base, narrow) {
  return {
    ...base,
    tooltip: { ...base.tooltip, formatter: (p) => `${p.data.name}\n${facts.axis}: ${say(p.value[0], facts.xUnit)}\n${facts.yAxis}: ${say(p.value[1], facts.unit)}` },
    grid: { left: 8, right: narrow ? 12 : 24, top: 32, bottom: 28, containLabel: true },
    xAxis: { type: "value", name: facts.axis, nameLocation: "middle", nameGap: 28, axisLabel: { formatter: (v) => saySmall(v, facts.xUnit) }, splitLine: { show: false } },
    yAxis: { type: "value", name: facts.yAxis, nameTextStyle: { align: "left" }, axisLabel: { formatter: (v) => saySmall(v, facts.unit) }, splitNumber: 4 },
    series: [{
      type: "scatter", symbolSize: (value) => (value[2] ?? 10), itemStyle: { opacity: 0.78 }, cursor: "pointer",
      data: facts.points.map((one) => ({ name: one.name, value: [one.x, one.y, one.size], href: one.href,
        itemStyle: one.colour ? { color: token(one.colour) } : undefined })),
    }],
  };
}

function calendar(facts, base, narrow) {
  const values = facts.series[0].values;
  const days = facts.categories;
  return {
    ...base, tooltip: { ...base.tooltip, formatter: (p) => `${p.value[0]}  ${say(p.value[1], facts.unit)}` },
    visualMap: { show: false, min: 0, max: Math.max(1, ...values.map((value) => value ?? 0)), inRange: { color: heatTones() } },
    calendar: {
      range: [days[0], days[days.length - 1]], orient: narrow ? "vertical" : "horizontal", left: narrow ? 48 : 40, right: 8, top: narrow ? 40 : 28,
      bottom: 8, cellSize: narrow ? [20, "auto"] : ["auto", "auto"],
      dayLabel: { firstDay: 1, nameMap: root.lang === "en" ? "EN" : "ZH" }, monthLabel: { nameMap: root.lang === "en" ? "EN" : "ZH" },
    },
    series: [{
      type: "heatmap", coordinateSystem: "calendar", cursor: facts.links ? "pointer" : "default",
      data: days.map((day, at) => ({ value: [day, values[at] ?? 0], href: facts.links?.[at] })),
    }],
  };
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
