// The editor of the program: earning rules as sentences, what they share, who becomes a member. The JSON in the form's text
// field stays the truth: it is what is posted, what the live example asks, and it can be edited by hand as well.

import { Parts, element } from "./criteria-parts.js";
import { criteriaNames, criteriaTree, rooted } from "./criteria-tree.js";

const quietMilliseconds = 450;

for (const card of document.querySelectorAll("[data-program]")) edit(card);

function edit(card) {
  const field = card.querySelector("[name=definition]");
  const home = card.querySelector("[data-editor]");
  const offer = JSON.parse(card.querySelector("[data-offer]").textContent);
  const say = offer.program_words;
  let model = read() ?? { version: 1, rules: [] };

  function read() {
    try {
      const found = JSON.parse(field.value);
      return found && typeof found === "object" && !Array.isArray(found) ? found : null;
    } catch { return null; }
  }

  function changed() {
    field.value = JSON.stringify(tidy(model), null, 1);
    field.dispatchEvent(new Event("edited", { bubbles: true }));
  }

  // Lists that are empty and fields that were emptied are not said.
  function tidy(value) {
    const made = { ...value };
    for (const name of ["groups", "caps", "rules"]) if (Array.isArray(made[name]) && !made[name].length) delete made[name];
    made.rules = (made.rules ?? []).map((rule) => {
      const own = { ...rule };
      for (const name of ["when", "caps", "streak"]) if (Array.isArray(own[name]) && !own[name].length) delete own[name];
      for (const name of ["group", "name", "from", "to"]) if (!own[name]) delete own[name];
      if (own.where && !own.where.of?.length && ["all", "any"].includes(own.where.kind)) delete own.where;
      return own;
    });
    return made;
  }

  const parts = new Parts(offer, changed, draw);

  function labelled(title, ...controls) {
    return element("label", { class: "row-tight small" }, element("span", { class: "nowrap" }, title), ...controls);
  }

  function section(title, ...children) {
    return element("section", { class: "card" }, element("div", { class: "card-head" }, element("h2", {}, title)),
      element("div", { class: "card-body stack" }, ...children));
  }

  function draw() {
    const all = () => [...home.querySelectorAll("input, select, button, summary")];
    const place = all().indexOf(document.activeElement);
    const open = [...home.querySelectorAll("details")].map((one) => one.open);
    home.replaceChildren(rules(), shared());
    [...home.querySelectorAll("details")].forEach((one, index) => { one.open = open[index] ?? false; });
    if (place >= 0) all()[Math.min(place, all().length - 1)]?.focus();
  }

  function flag(own, name, title) {
    const box = element("input", {
      type: "checkbox", checked: own[name] === true,
      onchange: () => { own[name] = box.checked || undefined; changed(); },
    });
    return element("label", { class: "row-tight small" }, box, title);
  }

  function chooser(title, options, add) {
    const made = element("select", {
      class: "select", "aria-label": title, onchange: () => { if (made.value) { add(made.value); changed(); draw(); } },
    }, element("option", { value: "" }, title), ...options.map((one) => element("option", { value: one.kind }, one.title)));
    return made;
  }

  function rules() {
    model.rules ??= [];
    return section(say.rules, ...model.rules.map(rule),
      element("div", { class: "row" }, chooser(say.add_rule, offer.rules, (kind) => model.rules.push(fresh(kind)))));
  }

  function fresh(kind) {
    let number = 1;
    while (model.rules.some((one) => one.id === `${kind}${number}`)) number += 1;
    const made = { id: `${kind}${number}`, kind, currency: offer.currencies[0]?.value ?? "points" };
    for (const part of offer.rules.find((one) => one.kind === kind)?.parts ?? []) {
      if (part.input === "choice") made[part.field] = part.choices[0]?.value;
      if (part.field === "points") made.points = 10;
      if (part.field === "per" || part.field === "units") made[part.field] = 1;
      if (part.field === "times") made.times = 2;
      if (part.field === "event" && part.input === "event") made.event = { names: [] };
    }
    return made;
  }

  function rule(own) {
    const kind = offer.rules.find((one) => one.kind === own.kind);
    const line = element("div", { class: "criteria-line" }, element("span", { class: "criteria-title" }, kind?.title ?? own.kind),
      parts.text(own, "name", say.rule_name));
    sentence(line, own, kind?.parts ?? []);
    const remove = parts.drop(() => { model.rules = model.rules.filter((one) => one !== own); });
    remove.classList.add("criteria-remove");
    line.append(remove);
    own.when ??= [];
    const conditions = own.when.map((condition) => {
      const form = offer.conditions.find((one) => one.kind === condition.kind);
      const row = element("div", { class: "criteria-line" },
        element("span", { class: "criteria-title" }, form?.title ?? condition.kind));
      sentence(row, condition, form?.parts ?? []);
      row.append(parts.drop(() => { own.when = own.when.filter((one) => one !== condition); }));
      return row;
    });
    return element("div", { class: "criteria-group stack-tight", role: "group", "aria-label": own.name || own.id }, line,
      ...conditions,
      element("div", { class: "row" },
        chooser(say.add_condition, offer.conditions, (word) => own.when.push(freshCondition(word))), more(own)));
  }

  function freshCondition(kind) {
    const made = { kind };
    for (const part of offer.conditions.find((one) => one.kind === kind)?.parts ?? []) {
      if (part.input === "choice") made[part.field] = part.choices[0]?.value;
      if (part.input === "weekdays") made[part.field] = [6, 7];
    }
    return made;
  }

  function sentence(line, own, forms) {
    for (const part of forms) {
      if (part.label && part.input !== "flag") line.append(element("span", { class: "small" }, part.label));
      line.append(...controls(own, part));
    }
  }

  function controls(own, part) {
    const title = part.label || part.field;
    switch (part.input) {
      case "decimal": case "number": return [parts.number(own, part.field, title)];
      case "flag": return [flag(own, part.field, title)];
      case "texts": case "rules": return [parts.texts(own, part.field, title)];
      case "traits": return [parts.texts(own, part.field, title, "criteria-traits")];
      case "weekdays": return [parts.numbers(own, part.field, title)];
      case "compare": return parts.compare(own);
      case "test": return parts.test(own, false);
      case "streak": own.streak ??= []; return [list(own, "streak", [["days", say.days], ["points", say.points]], () => ({ days: 7, points: 10 }), say.add_step)];
      default: return parts.part(own, part);
    }
  }

  function list(owner, name, fields, make, title) {
    owner[name] ??= [];
    const rows = owner[name].map((own) => element("span", { class: "criteria-sub" },
      ...fields.map(([key, label]) => labelled(label, parts.number(own, key, label))),
      parts.drop(() => { owner[name] = owner[name].filter((one) => one !== own); })));
    return element("div", { class: "stack-tight" }, ...rows,
      element("div", {}, parts.adder(title, () => { owner[name].push(make()); })));
  }

  function caps(owner, withCurrency) {
    owner.caps ??= [];
    const rows = owner.caps.map((own) => element("span", { class: "criteria-sub" },
      parts.select(say.scopes, own.per ?? "member", say.cap, (value) => { own.per = value; if (value === "event") { delete own.period; delete own.times; } changed(); draw(); }),
      own.per === "event" ? null : parts.select(say.periods, own.period ?? "ever", say.period, (value) => { own.period = value; changed(); }),
      labelled(say.points, parts.number(own, "points", say.points)),
      own.per === "event" ? null : labelled(say.times, parts.number(own, "times", say.times)),
      withCurrency ? parts.select(offer.currencies, own.currency ?? "points", say.currency, (value) => { own.currency = value; changed(); }) : null,
      parts.drop(() => { owner.caps = owner.caps.filter((one) => one !== own); })));
    return element("div", { class: "stack-tight" }, element("span", { class: "small strong" }, say.caps), ...rows,
      element("div", {}, parts.adder(say.add_cap, () => { owner.caps.push({ per: "member", period: "day", points: 100 }); })));
  }

  function more(own) {
    const where = element("div", { class: "score-where" });
    own.where = rooted(own.where);
    criteriaTree(offer, where, () => own.where, changed)();
    const groups = [{ value: "", title: say.no_group }, ...(model.groups ?? []).map((one) => ({ value: one.name, title: one.name }))];
    const pending = own.pending ?? {};
    const waits = pending.event !== undefined ? "event" : pending.days !== undefined ? "days" : "";
    const expires = own.expires ?? {};
    return element("details", { class: "program-more" }, element("summary", { class: "small soft" }, say.more),
      element("div", { class: "stack" },
        element("div", { class: "row" },
          labelled(say.currency, parts.select(offer.currencies, own.currency ?? "points", say.currency, (value) => { own.currency = value; changed(); })),
          labelled(say.from, parts.date(own, "from", say.from)), labelled(say.to, parts.date(own, "to", say.to)),
          labelled(say.group, parts.select(groups, own.group ?? "", say.group, (value) => { own.group = value || undefined; changed(); })),
          labelled(say.priority, parts.number(own, "priority", say.priority)), flag(own, "paused", say.paused)),
        element("div", { class: "row" },
          labelled(say.pending, parts.select(say.waits, waits, say.pending, (value) => {
            own.pending = { "": undefined, days: { days: 14 }, event: { event: "Order Delivered" } }[value];
            changed();
            draw();
          })),
          waits === "days" ? labelled(say.days, parts.number(pending, "days", say.days)) : null,
          waits === "event" ? parts.text(pending, "event", say.event) : null,
          labelled(say.expires, parts.number({ get days() { return expires.days; }, set days(value) {
            own.expires = value === undefined ? undefined : { days: value };
          } }, "days", say.expires))),
        caps(own, false),
        element("div", { class: "stack-tight" }, element("span", { class: "small strong" }, say.who), where)));
  }

  function shared() {
    model.enrolment ??= { when: "asked" };
    model.groups ??= [];
    const groups = model.groups.map((own) => element("span", { class: "criteria-sub" }, parts.text(own, "name", say.group),
      parts.select(say.takes, own.take ?? "best", say.group, (value) => { own.take = value; changed(); }),
      parts.drop(() => { model.groups = model.groups.filter((one) => one !== own); })));
    const budget = model.budget;
    return element("div", { class: "columns" },
      element("div", { class: "span-6" }, section(say.enrolment,
        parts.select(say.moments, model.enrolment.when, say.enrolment, (value) => { model.enrolment.when = value; changed(); }),
        labelled(say.backdated, parts.number(model.enrolment, "backdated_days", say.backdated)),
        labelled(say.accepted, parts.number(model, "accepted_days", say.accepted)))),
      element("div", { class: "span-6" }, section(say.shared,
        element("div", { class: "stack-tight" }, element("span", { class: "small strong" }, say.groups), ...groups,
          element("div", {}, parts.adder(say.add_group, () => { model.groups.push({ name: `g${model.groups.length + 1}`, take: "best" }); }))),
        caps(model, true),
        element("div", { class: "stack-tight" }, element("span", { class: "small strong" }, say.budget),
          budget ? element("span", { class: "criteria-sub" }, labelled(say.points, parts.number(budget, "points", say.points)),
            parts.select(say.periods, budget.period ?? "ever", say.period, (value) => { budget.period = value; changed(); }),
            parts.drop(() => { delete model.budget; }))
            : element("div", {}, parts.adder(say.add_budget, () => { model.budget = { currency: "points", points: 1000000, period: "year" }; }))))));
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
