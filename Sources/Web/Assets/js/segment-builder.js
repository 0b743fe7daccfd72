// The segment builder: a definition as nested groups of sentences, and how many people it comes to while one writes.
// The JSON in the form's text field stays the truth: it is what is posted, and it can be edited by hand as well.

import { post } from "./page.js";
import { Parts, element } from "./criteria-parts.js";

const quietMilliseconds = 450;

for (const card of document.querySelectorAll("[data-criteria]")) build(card);

function build(card) {
  const form = card.closest("form");
  const field = form.querySelector("[name=criteria]");
  const home = card.querySelector("[data-builder]");
  const count = form.querySelector("[data-count]");
  const offer = JSON.parse(card.querySelector("[data-offer]").textContent);
  const words = offer.words;
  let definition = read() ?? { version: 1, where: { kind: "all", of: [] } };
  let timer = 0;
  let turn = 0;

  function read() {
    try {
      const found = JSON.parse(field.value);
      if (!found.where?.kind) return null;
      if (!["all", "any"].includes(found.where.kind)) found.where = { kind: "all", of: [found.where] };
      return found;
    } catch { return null; }
  }

  function changed() {
    field.value = JSON.stringify(definition);
    clearTimeout(timer);
    timer = setTimeout(() => ask(false), quietMilliseconds);
  }

  const parts = new Parts(offer, changed, draw);

  // The estimate first where there are many people, the exact number after it.
  async function ask(exact) {
    const mine = ++turn;
    const say = (name) => count.querySelector(`[data-${name}]`);
    if (!exact) say("share").textContent = words.counting;
    let answer = {};
    try {
      const reply = await post("/segments/preview", { criteria: field.value, exact: exact ? "1" : "", segment: offer.segment });
      answer = await reply.json();
    } catch { answer = {}; }
    if (mine !== turn) return;
    say("people").textContent = answer.people ?? "–";
    say("share").textContent = answer.share ?? answer.problem ?? "";
    say("words").textContent = answer.words ?? "";
    say("sample").replaceChildren(...(answer.sample ?? []).map((person) =>
      element("li", {}, element("a", { href: person.href }, person.name))));
    show(answer.issues ?? []);
    if (answer.estimate) ask(true);
  }

  function show(issues) {
    count.querySelector("[data-issues]").replaceChildren(...issues.slice(0, 5).map((one) => element("li", {}, one.text)));
    for (const line of home.querySelectorAll("[data-path]")) {
      const own = issues.filter((one) => one.path === line.dataset.path || one.path.startsWith(line.dataset.path + "."));
      line.classList.toggle("has-issue", own.length > 0);
      line.querySelector(".criteria-problem")?.remove();
      if (own.length) line.append(element("span", { class: "criteria-problem problem" }, own[0].text));
    }
  }

  // Draws everything anew and puts the focus where it was, by place.
  function draw() {
    const all = () => [...home.querySelectorAll("input, select, button")];
    const place = all().indexOf(document.activeElement);
    home.replaceChildren(group(definition.where, "where", null));
    if (place >= 0) all()[Math.min(place, all().length - 1)]?.focus();
  }

  function group(node, path, remove) {
    const connector = parts.select(
      [{ value: "all", title: words.all }, { value: "any", title: words.any }], node.kind, words.all,
      (kind) => { node.kind = kind; changed(); });
    const items = element("div", { class: "criteria-items" });
    node.of.forEach((child, index) => items.append(item(node, child, index, `${path}.of[${index}]`)));
    if (!node.of.length) items.append(element("p", { class: "soft small" }, words.everybody));
    const foot = element("div", { class: "row" }, adder(node),
      path.split(".of").length < 6 ? parts.adder(words.add_group, () => { node.of.push({ kind: "any", of: [] }); }) : null);
    return element("div", { class: "criteria-group", role: "group", "data-path": node.of.length ? null : path },
      element("div", { class: "spread" }, connector, remove), items, foot);
  }

  function item(owner, child, index, path) {
    const negated = child.kind === "not";
    const inner = negated ? child.of : child;
    const innerPath = negated ? path + ".of" : path;
    const remove = parts.drop(() => { owner.of.splice(index, 1); });
    remove.classList.add("criteria-remove");
    const not = element("label", { class: "row-tight small" }, element("input", {
      type: "checkbox", checked: negated,
      onchange: () => { owner.of[index] = negated ? inner : { kind: "not", of: inner }; changed(); draw(); },
    }), words.negate);
    if (["all", "any"].includes(inner.kind)) return group(inner, innerPath, element("span", { class: "row" }, not, remove));
    const kind = offer.kinds.find((one) => one.kind === inner.kind);
    const line = element("div", { class: "criteria-line", "data-path": innerPath }, not,
      element("span", { class: "criteria-title" }, kind?.title ?? inner.kind));
    for (const part of kind?.parts ?? []) {
      if (part.label) line.append(element("span", { class: "small" }, part.label));
      line.append(...parts.part(inner, part));
    }
    line.append(remove);
    return line;
  }

  function adder(node) {
    const made = element("select", {
      class: "select", "aria-label": words.add_condition,
      onchange: () => {
        node.of.push({ kind: made.value });
        draw();
        changed();
        const lines = home.querySelectorAll(".criteria-line");
        lines[lines.length - 1]?.querySelector("input:not([type=checkbox]), select")?.focus();
      },
    }, element("option", { value: "" }, words.add_condition));
    for (const name of ["profile", "standing", "orders", "behaviour"]) {
      made.append(element("optgroup", { label: words[`group_${name}`] },
        ...offer.kinds.filter((one) => one.group === name).map((one) => element("option", { value: one.kind }, one.title))));
    }
    return made;
  }

  const list = (id, names) => element("datalist", { id }, ...names.map((name) => element("option", { value: name })));
  card.append(list("criteria-events", offer.events), list("criteria-traits", offer.traits));
  // Taken over while one writes, not only when the field is left: a page that moves under the pointer loses its click.
  function takeOver() {
    const found = read();
    if (found && JSON.stringify(found) !== JSON.stringify(definition)) { definition = found; draw(); }
    ask(false);
  }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(takeOver, quietMilliseconds);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  const kind = form.querySelector("[data-segment-kind]");
  const shape = () => {
    card.hidden = count.hidden = ["static", "manual"].includes(kind?.value);
    const cut = form.querySelector("[data-segment-cut]");
    if (cut) cut.hidden = kind.value !== "snapshot";
  };
  kind?.addEventListener("change", shape);
  shape();
  draw();
  ask(false);
}
