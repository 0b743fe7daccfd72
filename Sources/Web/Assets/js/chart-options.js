// What ECharts is told of a chart's facts: one theme made of the tokens, numbers as they are said, and each kind of drawing.

import { language, meta, root } from "./page.js";

// Tokens and numbers

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);
export function token(name) {
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
export const say = (value, unit) => (value == null ? "–" : (formats[unit] ?? formats.count)[0].format(value));
const saySmall = (value, unit) => (formats[unit] ?? formats.count)[1].format(value);

/// The one theme, made anew when light turns dark.
export function theme() {
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

// Drawings

// Flows of several steps keep their names on a phone: the drawing is wider than the screen there, and moves sideways.
export const stepPixels = 132;
export const depths = (facts) => 1 + Math.max(0, ...facts.nodes.map((node) => Number.parseInt(node.id, 10) || 0));
export const isLong = (facts) => facts.kind === "sankey" && depths(facts) > 2;

export function option(facts, narrow) {
  const base = {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 300,
    aria: { enabled: true, label: { description: facts.title } },
    tooltip: { renderMode: "richText", confine: true, valueFormatter: (value) => say(value, facts.unit) },
  };
  const special = { interval, sankey, heat, funnel, scatter, calendar }[facts.kind];
  return special ? special(facts, base, narrow) : axes(facts, base, narrow);
}

function axes(facts, base, narrow) {
  const isBar = facts.kind === "bar" || facts.kind === "stack";
  const legend = facts.series.length > 1
    ? { type: "scroll", left: 0, top: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect" } : undefined;
  // Bars that begin elsewhere than at nought are drawn as what is above and below, and told as they are.
  const origin = facts.origin ?? 0;
  if (origin) base.tooltip.valueFormatter = (v) => say(v == null ? v : v + origin, facts.unit);
  const value = {
    type: "value", axisLabel: { formatter: (v) => saySmall(v + origin, facts.unit) }, max: facts.ceiling, splitNumber: 4,
  };
  const category = facts.xs
    ? { type: "value", max: Math.max(...facts.xs), axisLabel: { formatter: (v) => saySmall(v, "count"), showMaxLabel: false }, splitLine: { show: false } }
    : { type: "category", data: facts.categories, axisLabel: { interval: facts.across ? 0 : undefined }, axisLine: { onZero: !origin }, boundaryGap: isBar };
  return {
    ...base, legend,
    series: facts.series.flatMap((one, index) => {
      const drawn = drawSeries(facts, one, index, narrow);
      return one.open && facts.kind === "line" ? soFar(drawn) : [drawn];
    }),
    tooltip: { ...base.tooltip, trigger: "axis", axisPointer: { type: isBar ? "shadow" : "line", shadowStyle: { opacity: 0.08 } } },
    grid: { left: facts.across ? 4 : 12, right: facts.across ? 28 : narrow ? 8 : 16, top: (legend ? 36 : 16) + (facts.marks ? 18 : 0), bottom: 4, containLabel: true },
    xAxis: facts.across ? value : category,
    yAxis: facts.across ? { ...category, inverse: true } : value,
  };
}

function drawSeries(facts, one, index, narrow) {
  const tone = token(one.colour ?? `chart-${(index % 6) + 1}`);
  const data = facts.xs ? one.values.map((value, at) => [facts.xs[at], value]) : one.values.map((value) => (value == null || !facts.origin ? value : value - facts.origin));
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

// The last value can still grow: the line ends before it, and goes on to it in dots.
function soFar(drawn) {
  const { data, lineStyle } = drawn, last = data.length - 1, first = data.findIndex((value) => value != null);
  if (last < 1 || first >= last || data[last] == null) return [drawn];
  const stop = (last - 1 - first) / (last - first), none = "rgba(0, 0, 0, 0)";
  const colorStops = [[0, lineStyle.color], [stop, lineStyle.color], [stop, none], [1, none]]
    .map(([offset, color]) => ({ offset, color }));
  return [
    { ...drawn, lineStyle: { ...lineStyle, color: { type: "linear", x: 0, y: 0, x2: 1, y2: 0, colorStops } } },
    {
      ...drawn, data: data.map((value, at) => (at < last - 1 ? null : value)), lineStyle: { ...lineStyle, type: "dotted" },
      areaStyle: undefined, markLine: undefined, showSymbol: false, silent: true, tooltip: { show: false },
    },
  ];
}

// A point where each value is, and a line over where it may be. The axis holds just those.
function interval(facts, base, narrow) {
  const [one] = facts.series;
  const tone = token(one.colour ?? "chart-1");
  const ends = [...one.low, ...one.high].filter((value) => value != null);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const step = 10 ** Math.floor(Math.log10(most - least || 1));
  const place = (value, at) => (facts.across ? [value, at] : [at, value]);
  const values = {
    type: "value", axisLabel: { formatter: (v) => saySmall(v, facts.unit) }, splitNumber: 4,
    min: Math.floor(least / step) * step, max: Math.ceil(most / step) * step,
  };
  const category = { type: "category", data: facts.categories, axisLabel: { interval: facts.across ? 0 : undefined } };
  return {
    ...base,
    tooltip: {
      ...base.tooltip,
      formatter: ({ dataIndex: at }) =>
        `${facts.categories[at]}\n${one.name}: ${say(one.values[at], facts.unit)} (${say(one.low[at], facts.unit)} – ${say(one.high[at], facts.unit)})`,
    },
    grid: { left: 4, right: facts.across ? 28 : narrow ? 8 : 16, top: 16, bottom: 4, containLabel: true },
    xAxis: facts.across ? values : category,
    yAxis: facts.across ? { ...category, inverse: true } : values,
    series: [{
      type: "scatter", name: one.name, symbolSize: 9, itemStyle: { color: tone }, cursor: one.links ? "pointer" : "default",
      data: one.values.map((value, at) => ({ value: place(value, at), href: one.links?.[at] })),
      markLine: {
        silent: true, symbol: "none", animation: false, label: { show: false },
        lineStyle: { color: tone, width: 2, type: "solid", opacity: 0.45 },
        data: one.values.flatMap((value, at) => (value == null ? []
          : [[{ coord: place(one.low[at], at) }, { coord: place(one.high[at], at) }]])),
      },
    }],
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
      // Who stops early stops where they stopped, not at the far end beside those who went on.
      nodeAlign: "left",
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

// A cell of a phone's width has no room for the sign.
const sayCell = (value, unit, narrow) => (narrow && unit === "percent" ? String(Math.round(value * 100)) : saySmall(value, unit));

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
      label: { show: Boolean(facts.labels), fontSize: narrow ? 10 : 12, formatter: (p) => (p.value[2] ? sayCell(p.value[2], facts.unit, narrow) : "") },
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
