// A definition as nested groups of sentences. `get` tells the root node (all or any); `changed` is told of every change.
// Used where people are described: segments, tags by rule, conditions of a score.

import { Parts, element } from "./criteria-parts.js";

export function criteriaTree(offer, home, get, changed) {
  const words = offer.words;
  const parts = new Parts(offer, changed, draw);
  // Conditions just added, in which nothing was written yet: what they lack is no mistake so far.
  const fresh = new WeakSet();

  // Draws everything anew and puts the focus where it was, by place.
  function draw() {
    const all = () => [...home.querySelectorAll("input, select, button")];
    const place = all().indexOf(document.activeElement);
    home.replaceChildren(group(get(), "where", null));
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
    line.node = inner;
    if (fresh.has(inner)) wait(line);
    return line;
  }

  // A new condition counts as written once something was typed into it or it was left for another place.
  function wait(line) {
    line.dataset.fresh = "";
    const touch = () => {
      if (!fresh.delete(line.node)) return;
      delete line.dataset.fresh;
      line.dispatchEvent(new Event("criteria-touched", { bubbles: true }));
    };
    line.addEventListener("input", (event) => { if (event.target.matches("input:not([type=checkbox])")) touch(); });
    line.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !line.contains(event.relatedTarget)) touch();
    });
  }

  function adder(node) {
    const made = element("select", {
      class: "select", "aria-label": words.add_condition, onkeydown: (event) => openList(event, made),
      onchange: () => {
        const added = { kind: made.value };
        fresh.add(added);
        node.of.push(added);
        draw();
        changed();
        const line = [...home.querySelectorAll(".criteria-line")].find((one) => one.node === added);
        line?.querySelector("input:not([type=checkbox]), select")?.focus();
      },
    }, element("option", { value: "" }, words.add_condition));
    for (const name of ["profile", "standing", "orders", "behaviour"]) {
      made.append(element("optgroup", { label: words[`group_${name}`] },
        ...offer.kinds.filter((one) => one.group === name).map((one) => element("option", { value: one.kind }, one.title))));
    }
    return made;
  }

  return draw;
}

// A closed list takes an arrow or a letter for a choice at once, and so would add the first condition that comes. These keys
// open it in their place.
function openList(event, list) {
  if (event.ctrlKey || event.metaKey || event.altKey || !list.showPicker) return;
  if (!/^(Arrow(Up|Down)|Page(Up|Down)|Home|End|\S)$/.test(event.key)) return;
  event.preventDefault();
  list.showPicker();
}

// Names that inputs complete, once on a page.
export function criteriaNames(offer, home) {
  const list = (id, names) => element("datalist", { id }, ...names.map((name) => element("option", { value: name })));
  home.append(list("criteria-events", offer.events), list("criteria-traits", offer.traits));
}

// The root is always a group, so that there is something to add to.
export function rooted(node) {
  return ["all", "any"].includes(node?.kind) ? node : { kind: "all", of: node?.kind ? [node] : [] };
}
