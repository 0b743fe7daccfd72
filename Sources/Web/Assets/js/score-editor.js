// The editor of a score: its rules as sentences, what they share, how points fade. The JSON in the form's text field stays
// the truth: it is what is posted, and it can be edited by hand as well.

import { Parts, element } from "./criteria-parts.js";
import { criteriaNames, criteriaTree, rooted } from "./criteria-tree.js";

const quietMilliseconds = 450;
// What a new rule about spending begins with, in units of currency.
const usualAmount = 100;

for (const card of document.querySelectorAll("[data-score]")) edit(card);

function edit(card) {
  const field = card.querySelector("[name=definition]");
  const home = card.querySelector("[data-editor]");
  const offer = JSON.parse(card.querySelector("[data-offer]").textContent);
  const say = offer.score_words;
  let model = read() ?? { version: 1, rules: [] };

  function read() {
    try {
      const found = JSON.parse(field.value);
      return Array.isArray(found.rules) ? found : null;
    } catch { return null; }
  }

  const changed = () => { field.value = JSON.stringify(model, null, 1); };
  const parts = new Parts(offer, changed, draw);

  function labelled(title, ...controls) {
    return element("label", { class: "row-tight small" }, title, ...controls);
  }

  function card_(title, ...children) {
    return element("section", { class: "card" }, element("div", { class: "card-head" }, element("h2", {}, title)),
      element("div", { class: "card-body stack" }, ...children));
  }

  function draw() {
    const all = () => [...home.querySelectorAll("input, select, button")];
    const place = all().indexOf(document.activeElement);
    home.replaceChildren(rules(), shared());
    if (place >= 0) all()[Math.min(place, all().length - 1)]?.focus();
  }

  function rules() {
    const add = element("select", {
      class: "select", "aria-label": say.add_rule,
      onchange: () => { model.rules.push(fresh(add.value)); changed(); draw(); },
    }, element("option", { value: "" }, say.add_rule), ...offer.rules.map((one) => element("option", { value: one.kind }, one.title)));
    return card_(say.rules, ...model.rules.map(rule), element("div", { class: "row" }, add));
  }

  function fresh(kind) {
    let number = model.rules.length + 1;
    while (model.rules.some((one) => one.id === `${kind}${number}`)) number += 1;
    const made = { id: `${kind}${number}`, kind, points: 1, dimension: kind === "condition" || kind === "device" ? "fit" : "engagement" };
    if (kind === "amount") made.per = usualAmount;
    return made;
  }

  function rule(own) {
    const kind = offer.rules.find((one) => one.kind === own.kind);
    const groups = [{ value: "", title: say.no_group }, ...(model.groups ?? []).map((one) => ({ value: one.name, title: one.name }))];
    const line = element("div", { class: "criteria-line" },
      element("span", { class: "criteria-title" }, kind?.title ?? own.kind));
    for (const part of kind?.parts ?? []) {
      if (part.label) line.append(element("span", { class: "small" }, part.label));
      line.append(...controls(own, part));
    }
    line.append(
      labelled(say.points, parts.number(own, "points", say.points)),
      parts.select([{ value: "engagement", title: say.dimension_engagement }, { value: "fit", title: say.dimension_fit }],
        own.dimension ?? "engagement", say.dimension, (value) => { own.dimension = value; changed(); }),
      parts.select(groups, own.group ?? "", say.group, (value) => { own.group = value || undefined; changed(); }),
      labelled(say.cap_per_day, parts.number(own, "cap_per_day", say.cap_per_day)),
      parts.text(own, "name", say.rule_name));
    const remove = parts.drop(() => { model.rules = model.rules.filter((one) => one !== own); });
    remove.classList.add("criteria-remove");
    line.append(remove);
    return line;
  }

  function controls(own, part) {
    switch (part.input) {
      case "decimal": return [parts.number(own, part.field, part.label)];
      case "names": return [parts.texts(own, part.field, offer.words.event, "criteria-events")];
      case "criteria": {
        const box = element("div", { class: "score-where" });
        own.where = rooted(own.where);
        criteriaTree(offer, box, () => own.where, changed)();
        return [box];
      }
      default: return parts.part(own, part);
    }
  }

  function list(name, fields, make, title) {
    model[name] ??= [];
    const rows = model[name].map((own) => element("div", { class: "row" }, ...fields.map(([field, label, isText]) =>
      labelled(label, isText ? parts.text(own, field, label) : parts.number(own, field, label))),
    parts.drop(() => { model[name] = model[name].filter((one) => one !== own); })));
    return element("div", { class: "stack-tight" }, ...rows,
      element("div", {}, parts.adder(title, () => { model[name].push(make()); })));
  }

  function shared() {
    model.grades ??= { a: 80, b: 50, c: 20 };
    return element("div", { class: "columns" },
      element("div", { class: "span-6" }, card_(say.groups,
        list("groups", [["name", say.group_name, true], ["cap_per_day", say.cap_per_day], ["cap", say.cap]],
          () => ({ name: `${say.group} ${model.groups.length + 1}` }), say.add_group))),
      element("div", { class: "span-6" }, card_(say.grades,
        element("div", { class: "row" }, ...["a", "b", "c"].map((letter) =>
          labelled(letter.toUpperCase() + " ≥", parts.number(model.grades, letter, letter.toUpperCase())))),
        labelled(say.half_life, parts.number(model, "half_life_days", say.half_life)),
        element("p", { class: "hint" }, say.half_life_hint),
        element("h3", { class: "small" }, say.thresholds),
        list("thresholds", [["name", say.threshold_name, true], ["at", say.at]],
          () => ({ name: `${model.thresholds.length + 1}`, at: 50 }), say.add_threshold))));
  }

  criteriaNames(offer, card);
  let timer = 0;
  // Taken over while one writes, as the segment builder does it.
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const found = read();
      if (found && JSON.stringify(found) !== JSON.stringify(model)) { model = found; draw(); }
    }, quietMilliseconds);
  });
  draw();
}
