// The editor of a ladder: its tiers as sentences from the top down, how long they last, what they bring. The JSON in the
// form's text field stays the truth: it is what is posted, and it can be edited by hand as well.

import { Parts, element } from "./criteria-parts.js";

const quietMilliseconds = 450;
const standing = ["multiplier", "badge", "priority"];

for (const card of document.querySelectorAll("[data-tiers]")) edit(card);

function edit(card) {
  const field = card.querySelector("[name=definition]");
  const home = card.querySelector("[data-editor]");
  const offer = JSON.parse(card.querySelector("[data-offer]").textContent);
  const say = offer.words;
  let model = read();
  if (!model) return;

  function read() {
    try {
      const found = JSON.parse(field.value);
      return Array.isArray(found.tiers) && found.tiers.length ? found : null;
    } catch { return null; }
  }

  const changed = () => { field.value = JSON.stringify(model, null, 1); };
  const parts = new Parts(offer, changed, draw);

  const labelled = (title, ...controls) => element("label", { class: "row-tight small" }, title, ...controls);

  function box(title, ...children) {
    return element("section", { class: "card" }, element("div", { class: "card-head" }, element("h2", {}, title)),
      element("div", { class: "card-body stack" }, ...children));
  }

  function draw() {
    const all = () => [...home.querySelectorAll("input, select, button")];
    const place = all().indexOf(document.activeElement);
    home.replaceChildren(element("div", { class: "row" }, parts.adder(say.add_tier, addTier)),
      ...[...model.tiers].reverse().map(tier), terms());
    if (place >= 0) all()[Math.min(place, all().length - 1)]?.focus();
  }

  function addTier() {
    let number = model.tiers.length + 1;
    while (model.tiers.some((one) => one.code === `tier${number}`)) number += 1;
    const made = { code: `tier${number}`, names: {}, benefits: [] };
    if (!model.quota) made.rule = { combine: "all", indicators: [{ kind: "spend", at_least: 100000 }] };
    model.tiers.push(made);
    if (model.quota) model.quota.shares.unshift(1);
  }

  // What is counted in hundredths, or in minor units of money, is written as people write it.
  function scaled(owner, name, label, digits) {
    const unit = 10 ** digits;
    const made = element("input", {
      class: "input input-number", type: "number", step: "any", min: 0, "aria-label": label,
      value: owner[name] === undefined || owner[name] === null ? "" : owner[name] / unit,
      oninput: () => { owner[name] = made.value === "" ? undefined : Math.round(Number(made.value) * unit); changed(); },
    });
    return made;
  }

  function name(owner, language, title) {
    owner.names ??= {};
    const made = element("input", {
      class: "input input-name", value: owner.names[language] ?? "", "aria-label": title, placeholder: title, maxlength: 40,
      oninput: () => {
        if (made.value) owner.names[language] = made.value; else delete owner.names[language];
        changed();
      },
    });
    return made;
  }

  function tier(own) {
    const isBase = own === model.tiers[0];
    const admission = own.admission ?? "rule";
    const head = element("div", { class: "criteria-line" },
      name(own, "zh-Hans", say.in_chinese), name(own, "en", say.in_english), parts.text(own, "code", say.code),
      isBase ? element("span", { class: "small soft" }, say.everybody)
        : parts.select(offer.admissions, admission, say.admission, (value) => admit(own, value)));
    if (!isBase) {
      const remove = parts.drop(() => {
        model.tiers = model.tiers.filter((one) => one !== own);
        if (model.quota && admission === "rule") model.quota.shares.pop();
      });
      remove.classList.add("criteria-remove");
      head.append(remove);
    }
    const asks = !isBase && admission === "rule" && !model.quota;
    return box(own.names?.[offer.language] || own.code, head,
      asks ? rule(own, "rule", say.to_enter) : null,
      asks && own.keep ? rule(own, "keep", say.to_stay) : null,
      asks && !own.keep ? element("div", {}, parts.adder(say.add_keep, () => { own.keep = structuredClone(own.rule); })) : null,
      ...(own.benefits ?? []).map((one) => benefit(own, one)),
      element("div", {}, parts.adder(say.add_benefit, () => addBenefit(own))));
  }

  function admit(own, value) {
    own.admission = value;
    if (value === "rule") own.rule ??= { combine: "all", indicators: [{ kind: "spend", at_least: 100000 }] };
    else { delete own.rule; delete own.keep; }
    changed();
    draw();
  }

  function rule(own, key, title) {
    own[key] ??= { combine: "all", indicators: [] };
    const its = own[key];
    its.combine ??= "all";
    const line = element("div", { class: "criteria-line" }, element("span", { class: "criteria-title" }, title));
    if (its.indicators.length > 1) {
      line.append(parts.select(offer.combinations, its.combine, say.combine, (value) => combine(its, value)));
    }
    if (its.combine === "weighted") line.append(labelled(say.needed, parts.number(its, "needed", say.needed), "%"));
    line.append(...its.indicators.map((one) => element("div", { class: "criteria-sub" }, ...indicator(one, its),
      its.indicators.length > 1 ? parts.drop(() => {
        its.indicators = its.indicators.filter((other) => other !== one);
        if (its.indicators.length === 1) combine(its, "all");
      }) : null)));
    if (its.indicators.length < 3) {
      line.append(parts.adder(say.add_indicator, () => {
        its.indicators.push({ kind: "orders", at_least: 6, ...(its.combine === "weighted" ? { weight: 10 } : {}) });
      }));
    }
    if (key === "keep") {
      const remove = parts.drop(() => { delete own.keep; });
      remove.classList.add("criteria-remove");
      line.append(remove);
    }
    return line;
  }

  function combine(its, value) {
    its.combine = value;
    if (value === "weighted") {
      its.needed ??= 100;
      const even = Math.floor(100 / its.indicators.length);
      its.indicators.forEach((one, index) => {
        one.weight = index ? even : 100 - even * (its.indicators.length - 1);
      });
    } else {
      delete its.needed;
      for (const one of its.indicators) delete one.weight;
    }
    changed();
    draw();
  }

  function indicator(one, its) {
    const kind = offer.kinds.find((other) => other.value === one.kind);
    const controls = [
      parts.select(offer.kinds, one.kind, say.indicator, (value) => {
        one.kind = value;
        delete one.currency;
        changed();
        draw();
      }),
      labelled(say.at_least, scaled(one, "at_least", say.at_least, kind?.digits ?? 0)),
    ];
    if (kind?.ledger) controls.push(optional(one, "currency", say.currency, kind.ledger));
    if (its?.combine === "weighted") controls.push(labelled(say.weight, parts.number(one, "weight", say.weight), "%"));
    return controls;
  }

  function optional(owner, key, label, placeholder) {
    const made = element("input", {
      class: "input input-number", value: owner[key] ?? "", "aria-label": label, placeholder,
      oninput: () => { owner[key] = made.value || undefined; changed(); },
    });
    return made;
  }

  function addBenefit(own) {
    own.benefits ??= [];
    let number = own.benefits.length + 1;
    while (own.benefits.some((one) => one.code === `benefit${number}`)) number += 1;
    own.benefits.push({ code: `benefit${number}`, names: {}, kind: "multiplier", multiplier: 120 });
  }

  function benefit(own, one) {
    const line = element("div", { class: "criteria-line" },
      parts.select(offer.benefits, one.kind, say.benefit, (value) => turn(one, value)),
      name(one, "zh-Hans", say.in_chinese), name(one, "en", say.in_english), parts.text(one, "code", say.code));
    if (one.kind === "multiplier") line.append(labelled("×", scaled(one, "multiplier", say.multiplier, 2)));
    if (one.kind === "coupon") line.append(parts.text(one, "coupon", say.coupon));
    if (!standing.includes(one.kind)) {
      line.append(element("div", { class: "criteria-sub" },
        parts.select(offer.occasions, one.occasion ?? "entry", say.occasion, (value) => { one.occasion = value; changed(); }),
        labelled(say.uses, parts.number(one, "uses", say.uses)),
        labelled(say.valid_days, parts.number(one, "valid_days", say.valid_days)),
        labelled(say.quota, parts.number(one, "quota", say.quota)),
        labelled(say.cost, scaled(one, "cost", say.cost, offer.digits)),
        labelled(say.holdout, parts.number(one, "holdout", say.holdout))));
    }
    const remove = parts.drop(() => { own.benefits = own.benefits.filter((other) => other !== one); });
    remove.classList.add("criteria-remove");
    line.append(remove);
    return line;
  }

  function turn(one, kind) {
    one.kind = kind;
    if (kind !== "multiplier") delete one.multiplier; else one.multiplier ??= 120;
    if (kind !== "coupon") delete one.coupon; else one.coupon ??= "COUPON";
    if (standing.includes(kind)) {
      for (const key of ["occasion", "uses", "valid_days", "quota", "holdout"]) delete one[key];
    } else {
      one.occasion ??= "entry";
    }
    changed();
    draw();
  }

  function terms() {
    model.period ??= { kind: "rolling", months: 12 };
    const soft = element("input", {
      type: "checkbox", checked: model.soft_landing ?? true,
      onchange: () => { model.soft_landing = soft.checked; changed(); },
    });
    const ranked = element("input", { type: "checkbox", checked: Boolean(model.quota), onchange: () => rank(ranked.checked) });
    const days = element("input", {
      class: "input input-name", value: (model.notice_days ?? []).join(", "), "aria-label": say.notice_days,
      oninput: () => {
        model.notice_days = days.value.split(/[,，、]/).map(Number).filter((one) => one > 0).sort((a, b) => b - a);
        changed();
      },
    });
    return box(say.terms,
      element("div", { class: "criteria-line" },
        parts.select(offer.periods, model.period.kind, say.period, (value) => {
          model.period.kind = value;
          changed();
          draw();
        }),
        labelled(say.months, parts.number(model.period, "months", say.months)),
        model.period.kind === "calendar" ? labelled(say.start_month, parts.number(model.period, "start_month", say.start_month)) : null,
        labelled(soft, say.soft_landing)),
      model.quota ? null : element("div", { class: "criteria-line" },
        labelled(say.notice_days, days), labelled(say.grace_days, parts.number(model, "grace_days", say.grace_days))),
      element("div", { class: "criteria-line" }, labelled(ranked, say.by_ranking), ...(model.quota ? quota(model.quota) : [])));
  }

  function rank(isRanked) {
    if (isRanked) {
      const open = model.tiers.filter((one) => (one.admission ?? "rule") === "rule");
      for (const one of model.tiers) { delete one.rule; delete one.keep; }
      model.quota = { by: { kind: "spend", at_least: 1 }, shares: open.map((_, index) => index + 1), ties: "higher", band_percent: 10 };
      model.period = { kind: "calendar", months: 3, start_month: 1 };
      model.notice_days = [];
      model.grace_days = 0;
    } else {
      delete model.quota;
      model.tiers.slice(1).forEach((one, index) => {
        if ((one.admission ?? "rule") === "rule") one.rule = { combine: "all", indicators: [{ kind: "spend", at_least: 100000 * (index + 1) }] };
      });
    }
    changed();
    draw();
  }

  function quota(its) {
    const shares = element("input", {
      class: "input input-name", value: its.shares.join(":"), "aria-label": say.shares,
      oninput: () => { its.shares = shares.value.split(/[:：]/).map(Number).filter((one) => one > 0); changed(); },
    });
    return [
      ...indicator(its.by), labelled(say.shares, shares),
      parts.select(offer.ties, its.ties ?? "higher", say.ties, (value) => { its.ties = value; changed(); }),
      labelled(say.band, parts.number(its, "band_percent", say.band), "%"),
    ];
  }

  let timer = 0;
  // Taken over while one writes, as the editor of scores does it.
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const found = read();
      if (found && JSON.stringify(found) !== JSON.stringify(model)) { model = found; draw(); }
    }, quietMilliseconds);
  });
  draw();
}
