// The parts of a sentence in the segment builder: each makes its controls over a node of the definition and says when
// the node changed. `again` draws the sentence anew where its shape follows from what was chosen.

import "./completion.js";

const numberWords = ["at_least", "at_most", "more_than", "less_than", "exactly", "between"];
const textWords = ["equals", "contains", "starts_with"];
const dateWords = ["on", "before", "after", "between_dates", "in_last_days", "more_than_days_ago", "in_next_days",
  "anniversary_in_days"];

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export class Parts {
  constructor(offer, changed, again) {
    this.offer = offer;
    this.words = offer.words;
    this.changed = changed;
    this.again = again;
  }

  select(options, value, label, set) {
    const made = element("select", { class: "select", "aria-label": label, onchange: () => set(made.value) });
    if (!options.some((option) => option.value === value)) made.append(element("option", { value: "" }, "…"));
    for (const option of options) {
      made.append(element("option", { value: option.value, selected: option.value === value }, option.title));
    }
    return made;
  }

  pick(words, value, label, set) {
    return this.select(words.map((word) => ({ value: word, title: this.words[word] ?? word })), value, label, set);
  }

  number(owner, field, label = this.words.value) {
    const made = element("input", {
      class: "input input-number", type: "number", step: "any", value: owner[field] ?? "", "aria-label": label,
      oninput: () => { owner[field] = made.value === "" ? undefined : Number(made.value); this.changed(); },
    });
    return made;
  }

  date(owner, field, label = this.words.value) {
    const made = element("input", {
      class: "input", type: "date", value: owner[field] ?? "", "aria-label": label,
      oninput: () => { owner[field] = made.value || undefined; this.changed(); },
    });
    return made;
  }

  text(owner, field, label, list) {
    const made = element("input", {
      class: "input input-name", value: owner[field] ?? "", "aria-label": label, placeholder: label, list,
      oninput: () => { owner[field] = made.value; this.changed(); },
    });
    return made;
  }

  // A list of texts, written with commas between them.
  texts(owner, field, label, list) {
    const made = element("input", {
      class: "input input-name", value: (owner[field] ?? []).join(", "), "aria-label": label, placeholder: label, list, "data-parts": list,
      oninput: () => {
        owner[field] = made.value.split(/[,，、]/).map((word) => word.trim()).filter(Boolean);
        this.changed();
      },
    });
    return made;
  }

  numbers(owner, field, label) {
    const made = element("input", {
      class: "input input-number", value: (owner[field] ?? []).join(","), "aria-label": label, placeholder: label,
      oninput: () => {
        const found = made.value.split(/[^0-9]+/).filter(Boolean).map(Number);
        owner[field] = found.length ? found : undefined;
        this.changed();
      },
    });
    return made;
  }

  compare(node, words = numberWords) {
    node.is ??= "at_least";
    const made = [this.pick(words, node.is, this.words.value, (word) => {
      for (const field of ["value", "upper", "values", "date", "from", "to", "days"]) delete node[field];
      node.is = word;
      this.changed();
      this.again();
    })];
    if (numberWords.includes(node.is)) {
      made.push(this.number(node, "value"));
      if (node.is === "between") made.push(this.words.to, this.number(node, "upper"));
    } else if (textWords.includes(node.is)) {
      made.push(this.texts(node, "values", this.words.value));
    } else if (node.is === "between_dates") {
      made.push(this.date(node, "from"), this.words.to, this.date(node, "to"));
    } else if (["on", "before", "after"].includes(node.is)) {
      made.push(this.date(node, "date"));
    } else if (dateWords.includes(node.is)) {
      made.push(this.number(node, "days"), this.words.days);
    }
    return made;
  }

  test(node, dates) {
    node.is ??= "equals";
    const words = [...textWords, ...numberWords, "true", "false", "set", ...(dates ? dateWords : [])];
    return this.compare(node, words);
  }

  dateTest(node) {
    node.is ??= "in_last_days";
    return this.compare(node, [...dateWords, "set"]);
  }

  event(filter) {
    filter.names ??= [];
    const made = [this.texts(filter, "names", this.words.event, "criteria-events")];
    for (const test of filter.where ?? []) {
      made.push(element("span", { class: "criteria-sub" }, this.words.where,
        this.text(test, "property", this.words.property), ...this.test(test, false),
        this.drop(() => { filter.where = filter.where.filter((one) => one !== test); })));
    }
    if (filter.weekdays) made.push(this.weekdays(filter));
    if (filter.hours) made.push(this.hours(filter));
    made.push(this.adder(this.words.add_filter, () => {
      filter.where = [...(filter.where ?? []), { property: "", is: "equals", values: [] }];
    }));
    if (!filter.weekdays && !filter.hours) {
      made.push(this.adder(this.words.any_time, () => { filter.weekdays = [1, 2, 3, 4, 5, 6, 7]; filter.hours = [...Array(24).keys()]; }));
    }
    return made;
  }

  weekdays(filter) {
    const boxes = [1, 2, 3, 4, 5, 6, 7].map((day) => {
      const box = element("input", {
        type: "checkbox", checked: filter.weekdays.includes(day),
        onchange: () => {
          const days = filter.weekdays.filter((one) => one !== day);
          if (box.checked) days.push(day);
          // None of them would mean every day.
          if (!days.length) box.checked = true;
          else filter.weekdays = days.sort((one, other) => one - other);
          this.changed();
        },
      });
      return element("label", { class: "row-tight small nowrap" }, box, this.words[`weekday_${day}`]);
    });
    return element("span", { class: "criteria-sub", role: "group", "aria-label": this.words.weekdays },
      this.words.weekdays, ...boxes, this.drop(() => { delete filter.weekdays; }));
  }

  // One stretch of the day, also over midnight. A list with gaps, which only the JSON can have, stays a list.
  hours(filter) {
    const held = new Set(filter.hours);
    const starts = [...held].filter((hour) => !held.has((hour + 23) % 24));
    const remove = this.drop(() => { delete filter.hours; });
    if (starts.length > 1) {
      return element("span", { class: "criteria-sub" }, this.numbers(filter, "hours", this.words.hour_list), remove);
    }
    let from = starts[0] ?? 0;
    let until = (from + held.size) % 24 || 24;
    const set = () => {
      const length = (until - from + 24) % 24 || 24;
      filter.hours = Array.from({ length }, (_, index) => (from + index) % 24).sort((one, other) => one - other);
      this.changed();
    };
    const clock = (first) => [...Array(24).keys()].map((index) => ({
      value: String(first + index), title: `${String(first + index).padStart(2, "0")}:00`,
    }));
    return element("span", { class: "criteria-sub" }, this.words.hour_from,
      this.select(clock(0), String(from), this.words.hour_from, (hour) => { from = Number(hour); set(); }), this.words.to,
      this.select(clock(1), String(until), this.words.to, (hour) => { until = Number(hour); set(); }), remove);
  }

  measure(node) {
    node.measure ??= { of: "count" };
    const made = [this.pick(["count", "sum", "average", "min", "max", "distinct", "first", "last"], node.measure.of,
      this.words.count, (word) => {
        node.measure = word === "count" ? { of: word } : { of: word, property: node.measure.property ?? "" };
        node.compare = { is: "at_least", value: 1 };
        this.changed();
        this.again();
      })];
    if (node.measure.of !== "count") made.push(this.text(node.measure, "property", this.words.property));
    return made;
  }

  behaviourCompare(node) {
    node.compare ??= { is: "at_least", value: 1 };
    const isFree = ["first", "last"].includes(node.measure?.of);
    return isFree ? this.test(node.compare, false) : this.compare(node.compare);
  }

  within(node, allowsSince) {
    node.within ??= { ever: true };
    const now = node.within.since ? "since" : node.within.last_days ? "last_days" : node.within.ever ? "ever" : "between_dates";
    const made = [this.pick(["ever", "last_days", "between_dates", ...(allowsSince ? ["since"] : [])], now, this.words.ever,
      (word) => {
        node.within = { ever: { ever: true }, last_days: { last_days: 30 }, between_dates: {}, since: { since: { names: [] } } }[word];
        this.changed();
        this.again();
      })];
    if (now === "last_days") made.push(this.number(node.within, "last_days"), this.words.days);
    if (now === "between_dates") made.push(this.date(node.within, "from"), this.words.to, this.date(node.within, "to"));
    if (now === "since") made.push(...this.event(node.within.since));
    return made;
  }

  steps(node) {
    node.steps ??= [{ names: [] }, { names: [] }];
    const made = [];
    node.steps.forEach((step, index) => {
      made.push(element("span", { class: "criteria-sub" }, index ? this.words.then : "", ...this.event(step),
        node.steps.length > 2 ? this.drop(() => { node.steps = node.steps.filter((one) => one !== step); }) : null));
    });
    if (node.steps.length < 3) made.push(this.adder(this.words.add_step, () => { node.steps.push({ names: [] }); }));
    return made;
  }

  duration(node) {
    node.in ??= { days: 7 };
    const unit = Object.keys(node.in)[0];
    return [this.words.within, this.number(node.in, unit), this.pick(["minutes", "hours", "days"], unit, this.words.days, (word) => {
      node.in = { [word]: node.in[unit] };
      this.changed();
      this.again();
    })];
  }

  lines(node) {
    const made = [];
    for (const line of node.lines ?? []) {
      made.push(element("span", { class: "criteria-sub" },
        this.pick(["category", "sku", "product", "name", "brand"], line.field, this.words.product,
          (word) => { line.field = word; this.changed(); }),
        ...this.compare(line, textWords),
        this.drop(() => { node.lines = node.lines.filter((one) => one !== line); })));
    }
    made.push(this.adder(this.words.add_line, () => {
      node.lines = [...(node.lines ?? []), { field: "category", is: "equals", values: [] }];
    }));
    return made;
  }

  choices(node, part) {
    node[part.field] ??= [];
    return part.choices.map((choice) => {
      const box = element("input", {
        type: "checkbox", checked: node[part.field].includes(choice.value),
        onchange: () => {
          node[part.field] = part.choices.map((one) => one.value).filter((value) =>
            value === choice.value ? box.checked : node[part.field].includes(value));
          this.changed();
        },
      });
      return element("label", { class: "row-tight small" }, box, choice.title);
    });
  }

  // Some of what there is, by id. With words for none of them, none is a choice; else the last one stays.
  several(node, part, offered, none) {
    node.ids ??= [];
    const left = offered.filter((one) => !node.ids.includes(one.value));
    const adder = this.select(left, "", this.words.add_value,
      (value) => { node.ids.push(value); this.changed(); this.again(); });
    if (none && !node.ids.length) adder.firstElementChild.textContent = none;
    return [...node.ids.map((id) => element("span", { class: "criteria-sub" },
      this.select(offered, String(id), part.label,
        (value) => { node.ids = node.ids.map((one) => one === id ? value : one); this.changed(); }),
      none || node.ids.length > 1
        ? this.drop(() => { node.ids = node.ids.filter((one) => one !== id); }) : null)), adder];
  }

  // A choice of which one asks for days: what comes to its end within them.
  expiry(node, part) {
    node[part.field] ??= part.choices[0]?.value;
    const made = [this.select(part.choices, node[part.field], part.label || part.field, (value) => {
      node[part.field] = value;
      if (value === "expiring") node.days ??= 30;
      else delete node.days;
      this.changed();
      this.again();
    })];
    if (node[part.field] === "expiring") made.push(this.words.next_days, this.number(node, "days"), this.words.days);
    return made;
  }

  adder(title, change) {
    return element("button", {
      class: "button button-quiet button-s", type: "button", onclick: () => { change(); this.changed(); this.again(); },
    }, title);
  }

  drop(change) {
    return element("button", {
      class: "button button-quiet button-s", type: "button", "aria-label": this.words.remove,
      onclick: () => { change(); this.changed(); this.again(); },
    }, "×");
  }

  // The controls of one part of a kind's sentence.
  part(node, part) {
    const set = (value) => { node[part.field] = value; this.changed(); };
    switch (part.input) {
      case "choice":
        node[part.field] ??= part.choices[0]?.value;
        return [this.select(part.choices, node[part.field], part.label || part.field, set)];
      case "choices": return this.choices(node, part);
      case "trait": return [this.text(node, part.field, this.words.trait, "criteria-traits")];
      case "test": return this.test(node, true);
      case "dateTest": return this.dateTest(node);
      case "number":
        if (node.kind === "coupons" && node.is === undefined) Object.assign(node, { is: "at_least", value: 1 });
        return this.compare(node);
      case "compareNumber": return this.compare(node.compare ??= { is: "at_least", value: 1 });
      case "event": return this.event(node.event ??= { names: [] });
      case "measure": return this.measure(node);
      case "compare": return this.behaviourCompare(node);
      case "within": return this.within(node, node.kind === "did");
      case "steps": return this.steps(node);
      case "duration": return this.duration(node);
      case "lines": return this.lines(node);
      case "currency":
        if (this.offer.currencies.length === 1) node[part.field] ??= this.offer.currencies[0].value;
        return [this.select(this.offer.currencies, String(node[part.field] ?? ""), part.label, set)];
      case "expiry": return this.expiry(node, part);
      case "coupons": return this.several(node, part, this.offer.coupons, this.words.any_coupon);
      case "tiers": return this.choices(node, { ...part, choices: this.offer.tiers });
      case "segment": return [this.select(this.offer.segments, String(node.id ?? ""), part.label, set)];
      case "model": return [this.select(this.offer.models, String(node.model ?? ""), part.label, (value) => { node.model = value; this.changed(); })];
      case "tags": return this.several(node, part, this.offer.tags);
      case "source":
        return [this.select(this.offer.sources, String(node.ids?.[0] ?? ""), part.label,
          (value) => { node.ids = [value]; this.changed(); })];
      default: return [this.text(node, part.field, part.label || part.field)];
    }
  }
}
