// What one card does, as a form beside the canvas; for the head: who comes in, how often, and what ends it early.

import { element } from "./criteria-parts.js";
import { optional } from "./journey-model.js";

const booleans = ["yearly", "transactional", "reverses", "mail"];

export function panel(context) {
  const { id, offer, act } = context;
  const say = offer.journey_words;
  const found = id === "" ? null : context.journey.find(id);
  const verb = (name) => element("button", { class: "button button-quiet button-s", type: "button", onclick: () => act(name, id) }, say[name]);
  const title = found ? offer.nodes.find((kind) => kind.kind === found.step.kind)?.title ?? found.step.kind : say.entry;
  return element("div", {}, element("div", { class: "card-head spread" }, element("h2", {}, title), verb("close")),
    element("div", { class: "card-body stack" }, ...(found ? node(context, found.step) : head(context))),
    found ? element("div", { class: "card-body row" }, ...["up", "down", "copy", "cut", "duplicate", "remove"].map(verb)) : null);
}

const capital = (title) => title.charAt(0).toUpperCase() + title.slice(1);
const labelled = (title, ...controls) => element("label", { class: "stack-tight small" }, capital(title), ...controls);

function choice({ parts, changed, again }, owner, field, options, title, redraws = false) {
  return labelled(title, parts.select(options, String(owner[field] ?? (booleans.includes(field) ? false : "")), title, (value) => {
    owner[field] = booleans.includes(field) ? value === "true" : value || undefined;
    changed();
    if (redraws) again();
  }));
}

function weekdays({ offer, changed }, owner, title) {
  owner.weekdays ??= [];
  return element("fieldset", { class: "stack-tight small" }, element("legend", {}, title), element("span", { class: "row" },
    ...offer.weekday_names.map((day) => {
      const box = element("input", { type: "checkbox", checked: owner.weekdays.includes(Number(day.value)), onchange: () => {
        const days = new Set(owner.weekdays);
        if (box.checked) days.add(Number(day.value)); else days.delete(Number(day.value));
        owner.weekdays = [...days].sort();
        changed();
      } });
      return element("label", { class: "row-tight small" }, box, day.title);
    })));
}

// ---- a node
function node(context, step) {
  const { offer, parts } = context;
  const say = offer.journey_words;
  const kind = offer.nodes.find((one) => one.kind === step.kind);
  const made = (kind?.parts ?? []).map((part) => blank(context, step, part));
  if (!kind || kind.fork === "none") return made.length ? made : [element("p", { class: "small soft" }, say.nothing)];
  step.paths ??= [];
  const ways = step.paths.map((path, index) => element("section", { class: "flow-path" },
    element("div", { class: "spread" }, labelled(say.way_name, parts.text(path, "name", say.way_name)),
      element("button", { class: "button button-quiet button-s", type: "button", onclick: () => context.hold({ path, fork: kind.fork }) }, say.copy_way),
      parts.drop(() => { step.paths.splice(index, 1); context.again(); })), way(context, kind, path, step)));
  const held = context.held();
  const hint = optional.includes(kind.fork) ? element("p", { class: "hint" }, say.ways_hint) : null;
  return [...made, element("h3", { class: "small" }, say.ways), hint, ...ways,
    parts.adder(say.add_way, () => { step.paths.push(context.journey.way(kind, step.paths.length + 1, step.paths)); context.again(); }),
    held?.fork === kind.fork ? parts.adder(say.paste, () => { step.paths.push(context.journey.copyWay(held.path, step.paths)); context.again(); }) : null];
}

function way(context, { fork, answers }, path, step) {
  const { offer, parts } = context;
  const say = offer.journey_words;
  switch (fork) {
    case "weights": return labelled(say.weight, parts.number(path, "weight", say.weight));
    case "conditions": return context.criteria(path, "where");
    case "events": return element("div", { class: "criteria-line" }, ...parts.event(path.event ??= { names: [] }));
    case "outcomes": return choice(context, path, "outcome", offer.outcomes, say.choose);
    case "answers": return answer(context, answers, path, step);
    case "variants": return choice(context, path, "variant",
      offer.experiments.find((one) => one.value === String(step.experiment))?.variants ?? [], say.variant);
    default: return null;
  }
}

// What was answered, and what has to be in it.
function answer(context, answers, path, step) {
  const { offer, parts } = context;
  const say = offer.journey_words;
  const tests = (path.where ?? []).map((test) => element("div", { class: "criteria-line" },
    parts.text(test, "property", say.property), ...parts.test(test, false),
    parts.drop(() => { path.where = path.where.filter((one) => one !== test); if (!path.where.length) delete path.where; context.again(); })));
  return element("div", { class: "stack-tight" }, choice(context, path, "answer", answers, say.answer), ...tests,
    step.kind === "webhook" ? parts.adder(say.add_test, () => {
      path.where = [...(path.where ?? []), { property: step.keep?.[0]?.split("=")[0] ?? "status", is: "equals", values: [] }];
      context.again();
    }) : null);
}

// An experiment brings a way for each of its variants, as long as nothing stands in the ways there are.
function experiment(context, step, label) {
  const { offer, parts } = context;
  return labelled(label, parts.select(offer.experiments, String(step.experiment ?? ""), label, (value) => {
    step.experiment = value;
    const variants = offer.experiments.find((one) => one.value === value)?.variants ?? [];
    if (!step.paths?.some((path) => path.steps?.length)) {
      step.paths = variants.map((variant) => ({ name: variant.title, variant: variant.value, steps: [] }));
    }
    context.changed();
    context.again();
  }));
}

function blank(context, step, part) {
  const { offer, parts, journey, title } = context;
  const label = part.label || part.field;
  const lists = { template: offer.templates, coupon: offer.coupons, currency: offer.currencies, tag: offer.manual_tags,
    list: offer.lists, webhook: offer.webhooks, topic: [{ value: "", title: offer.journey_words.usual_topic }, ...offer.topics] };
  if (lists[part.input]) return choice(context, step, part.field, lists[part.input], label);
  switch (part.input) {
    case "fallback": return choice(context, step, part.field, [{ value: "", title: offer.journey_words.as_template }, ...offer.templates], label);
    case "experiment": return experiment(context, step, label);
    case "texts": return labelled(label, parts.texts(step, part.field, label), element("span", { class: "hint" }, offer.journey_words.texts_hint));
    case "choice": return choice(context, step, part.field, part.choices, label);
    case "number": case "hour": return labelled(label, parts.number(step, part.field, label));
    case "weekdays": return weekdays(context, step, label);
    case "trait": return labelled(label, parts.text(step, part.field, label, "criteria-traits"));
    case "node": return choice(context, step, part.field,
      journey.all().filter((one) => one.id !== step.id).map((one) => ({ value: one.id, title: title(one.id) })), label);
    default: return labelled(label, parts.text(step, part.field, label));
  }
}

// ---- who comes in
function head(context) {
  const { journey, offer, parts } = context;
  const say = offer.journey_words;
  const own = journey.definition;
  const kinds = choice({ ...context, changed: () => { own.entry = entry(own.entry.kind); context.changed(); } }, own.entry, "kind", offer.entries, say.entry, true);
  const section = (title, ...children) => element("section", { class: "flow-path" }, element("h3", { class: "small" }, title), ...children);
  const repeats = choice({ ...context, changed: () => { own.reentry = reentry(own.reentry.kind); context.changed(); } }, own.reentry, "kind", offer.reentries, say.reentry, true);
  return [kinds, ...details(context, own.entry), section(say.who, context.criteria(own, "who")),
    element("section", { class: "flow-path" }, repeats,
      own.reentry.kind === "after_days" ? labelled(say.days, parts.number(own.reentry, "days", say.days)) : null,
      own.reentry.kind === "per_key" ? labelled(say.key, parts.text(own.reentry, "key", "order_id")) : null),
    ...["goal", "exit"].map((name) => {
      own[name] ??= {};
      own[name].event ??= { names: [] };
      return section(say[name], element("p", { class: "tiny soft" }, say.by_event),
        element("div", { class: "criteria-line" }, ...parts.event(own[name].event)),
        element("p", { class: "tiny soft" }, say.by_condition), context.criteria(own[name], "where"));
    })];
}

function entry(kind) {
  return { event: { kind, event: { names: [] } }, segment: { kind, change: "entered" }, stage: { kind, to: [] },
    tier: { kind, direction: "any" }, score: { kind, grades: [] }, date: { kind, trait: "birthday", offset_days: 0, hour: 9, yearly: true },
    schedule: { kind, weekdays: [], hour: 10 }, reply: { kind, channels: [], words: [] } }[kind] ?? { kind: "api" };
}

function reentry(kind) {
  return { after_days: { kind, days: 30 }, per_key: { kind, key: "order_id" } }[kind] ?? { kind };
}

function details(context, own) {
  const { offer, parts } = context;
  const say = offer.journey_words;
  const option = (value, title) => ({ value, title });
  const many = (field, choices, title) => element("fieldset", { class: "stack-tight small" }, element("legend", {}, title),
    element("span", { class: "row" }, ...parts.choices(own, { field, choices })));
  switch (own.kind) {
    case "event": return [element("div", { class: "criteria-line" }, ...parts.event(own.event ??= { names: [] }))];
    case "segment": return [choice(context, own, "change", [option("entered", say.entered), option("left", say.left)], say.change),
      choice(context, own, "id", offer.segments, say.choose)];
    case "stage": return [many("to", offer.lifecycle, say.stages)];
    case "tier": return [choice(context, own, "direction", [option("any", say.any_tier), option("up", say.rises), option("down", say.falls)], say.change),
      many("to", offer.tiers, say.tiers)];
    case "score": return [choice(context, own, "id", offer.models, say.choose),
      many("grades", ["a", "b", "c", "d"].map((grade) => option(grade, grade.toUpperCase())), say.grades)];
    case "date": return [labelled(say.trait, parts.text(own, "trait", say.trait, "criteria-traits")),
      labelled(say.offset_days, parts.number(own, "offset_days", say.offset_days)), labelled(say.hour, parts.number(own, "hour", say.hour)),
      choice(context, own, "yearly", [option("true", say.yearly), option("false", say.once)], say.yearly)];
    case "schedule": return [weekdays(context, own, say.weekdays), labelled(say.hour, parts.number(own, "hour", say.hour))];
    case "reply": return [many("channels", offer.channels, say.channels),
      labelled(say.words, parts.texts(own, "words", say.words), element("span", { class: "hint" }, say.words_hint))];
    default: return [];
  }
}
