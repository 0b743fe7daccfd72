// The editor of a journey: cards from the top down with places to put something in between, and a panel beside it for
// what one card does. The JSON in the form's text field stays the truth: it is what is posted.

import { Parts, element } from "./criteria-parts.js";
import { criteriaNames, criteriaTree, rooted } from "./criteria-tree.js";
import { canvasTools } from "./journey-canvas.js";
import { Journey, optional } from "./journey-model.js";
import { panel } from "./journey-panel.js";
import { post } from "./page.js";

const quietMilliseconds = 450;
// What was copied is kept while the window is open: it can be put into another journey.
const clip = "perennial.journey.copied";

for (const form of document.querySelectorAll("[data-journey]")) edit(form);

function edit(form) {
  const field = form.querySelector("[name=definition]");
  const find = (name) => form.querySelector(`[data-${name}]`);
  const [canvas, side, tools, list] = [find("canvas"), find("panel"), find("tools"), find("problems")];
  const offer = JSON.parse(find("offer").textContent);
  const say = offer.journey_words;
  const journey = new Journey(field.value, offer);
  let [chosen, timer, turn, shown] = [null, 0, 0, () => {}];
  let told = { cards: {}, ways: {}, head: {}, issues: [] };

  const changed = () => {
    field.value = journey.text();
    clearTimeout(timer);
    timer = setTimeout(ask, quietMilliseconds);
  };
  const parts = new Parts(offer, () => { journey.note(); changed(); }, openPanel);

  async function ask() {
    const mine = ++turn;
    try {
      const reply = await post("/journeys/preview", { definition: field.value });
      const answer = await reply.json();
      if (mine !== turn) return;
      told = answer;
    } catch { return; }
    draw();
  }

  const held = () => { try { return JSON.parse(sessionStorage.getItem(clip)); } catch { return null; } };
  const hold = (what) => {
    try { sessionStorage.setItem(clip, JSON.stringify(what)); } catch { return; }
    draw();
    openPanel();
  };

  // ---- the canvas
  function draw() {
    const focused = document.activeElement?.dataset?.node ?? document.activeElement?.dataset?.place;
    const head = element("button", { class: "flow-card", type: "button", "data-node": "", "aria-pressed": String(chosen === ""),
      onclick: (event) => choose("", event.detail > 0) }, element("span", { class: "flow-kind tiny" }, say.entry),
    element("span", { class: "flow-words" }, told.head.entry ?? say.begin_here),
    ...["who", "goal", "exit"].filter((name) => told.head[name]).map((name) =>
      element("span", { class: "tiny soft" }, `${say[name]}: ${told.head[name]}`)));
    mark(head, "");
    canvas.replaceChildren(element("div", { class: "flow-whole" },
      element("ol", { class: "flow" }, element("li", { class: "flow-step" }, head)), flow(journey.definition.steps, "root")));
    // That nothing is drawn yet is no mistake.
    list.hidden = !told.issues.length || !journey.definition.steps.length;
    list.replaceChildren(element("h2", { class: "small" }, say.problems), element("ul", { class: "stack-tight small problem" },
      ...told.issues.slice(0, 12).map((one) => element("li", {}, one.node
        ? element("button", { class: "button button-quiet button-s", type: "button", onclick: () => choose(one.node) }, title(one.node))
        : null, " ", one.text))));
    shown();
    if (focused !== undefined) (canvas.querySelector(`[data-node="${focused}"]`) ?? canvas.querySelector(`[data-place="${focused}"]`))?.focus();
  }

  const title = (id) => told.cards[id] ?? offer.nodes.find((kind) => kind.kind === journey.find(id)?.step.kind)?.title ?? id;

  function mark(card, id) {
    const wrong = journey.definition.steps.length ? told.issues.filter((one) => one.node === id) : [];
    card.classList.toggle("has-issue", wrong.length > 0);
    if (wrong.length) card.append(element("span", { class: "tiny problem" }, wrong[0].text));
  }

  function flow(steps, place) {
    const made = element("ol", { class: "flow" });
    steps.forEach((step, index) => made.append(element("li", { class: "flow-step" }, adder(steps, index, `${place}.${index}`), card(step), ways(step))));
    made.append(element("li", { class: "flow-step" }, adder(steps, steps.length, `${place}.${steps.length}`)));
    return made;
  }

  function card(step) {
    const kind = offer.nodes.find((one) => one.kind === step.kind);
    const made = element("button", {
      class: "flow-card", type: "button", "data-node": step.id, "aria-pressed": String(chosen === step.id),
      "data-kind": step.kind, "data-group": kind?.group ?? null,
      onclick: (event) => choose(step.id, event.detail > 0), onkeydown: (event) => keys(event, step.id),
    }, element("span", { class: "flow-kind tiny" }, kind?.title ?? step.kind), element("span", { class: "flow-words" }, title(step.id)));
    mark(made, step.id);
    return made;
  }

  function ways(step) {
    const fork = offer.nodes.find((one) => one.kind === step.kind)?.fork ?? "none";
    if (fork === "none" || (optional.includes(fork) && !step.paths?.length)) return null;
    const way = (name, steps, place, words) => element("section", { class: "flow-way", "aria-label": name },
      element("p", { class: "flow-name" }, element("span", { class: "strong small" }, name)),
      words ? element("p", { class: "tiny soft" }, words) : null, flow(steps, place));
    return element("div", { class: "flow-ways" },
      ...(step.paths ?? []).map((path, index) => way(path.name, path.steps ??= [], `${step.id}.${index}`, told.ways?.[step.id]?.[index])),
      fork === "weights" ? null : way(say.otherwise, step.otherwise ??= [], `${step.id}.otherwise`));
  }

  function adder(steps, index, place) {
    const made = element("select", { class: "select flow-add", "aria-label": say.add_node, "data-place": place,
      onchange: () => put(made.value, steps, index) }, element("option", { value: "" }, "+"));
    if (held()?.step) made.append(element("option", { value: "paste" }, say.paste));
    for (const group of ["time", "ways", "deeds", "ends"]) {
      made.append(element("optgroup", { label: say[`group_${group}`] }, ...offer.nodes.filter((kind) => kind.group === group)
        .map((kind) => element("option", { value: kind.kind }, kind.title))));
    }
    return made;
  }

  function put(kind, steps, index, like = held()?.step) {
    if (!kind) return;
    const step = ["paste", "copy"].includes(kind) ? journey.copy(like) : journey.fresh(kind);
    steps.splice(index, 0, step);
    act();
    choose(step.id);
  }

  function act() { journey.note(); changed(); draw(); }

  // ---- one card. Pressed with a pointer it keeps the focus, and with it the keys that copy, shift and remove it.
  function choose(id, isPointed = false) {
    chosen = id;
    draw();
    openPanel();
    const card = isPointed ? canvas.querySelector(`[data-node="${id}"]`) : null;
    (card ?? side.querySelector(".card-body :is(input, select)") ?? side.querySelector("button"))?.focus();
  }

  function openPanel() {
    const isThere = chosen === "" || (chosen !== null && journey.find(chosen));
    side.hidden = !isThere;
    if (!isThere) { side.replaceChildren(); return; }
    side.replaceChildren(panel({ journey, offer, parts, id: chosen, title, criteria, held, hold,
      changed: () => { journey.note(); changed(); }, again: () => { draw(); openPanel(); }, act: verb }));
  }

  // Conditions in a box of their own; an empty group stands for none.
  function criteria(owner, name) {
    const box = element("div", {});
    owner[name] = rooted(owner[name]);
    criteriaTree(offer, box, () => owner[name], () => { journey.note(); changed(); })();
    return box;
  }

  function verb(name, id) {
    if (name === "close") { chosen = null; draw(); openPanel(); return; }
    const found = journey.find(id);
    if (!found) return;
    if (name === "copy" || name === "cut") hold({ step: found.step });
    if (name === "copy") return;
    if (name === "duplicate") { put("copy", found.steps, found.index + 1, found.step); return; }
    if (name === "paste") { if (held()?.step) put("paste", found.steps, found.index + 1); return; }
    const gone = name === "remove" || name === "cut";
    const place = cards().findIndex((one) => one.dataset.node === id);
    if (gone) journey.remove(id); else journey.shift(id, name === "up" ? -1 : 1);
    if (gone) chosen = null;
    act();
    openPanel();
    // Keys go on at what stands there now.
    if (gone) cards().at(Math.min(place, cards().length - 1))?.focus();
  }

  const cards = () => [...canvas.querySelectorAll("[data-node]")];

  function keys(event, id) {
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); verb("remove", id); }
    const verbs = { c: "copy", x: "cut", v: "paste", d: "duplicate" };
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && verbs[event.key]) {
      event.preventDefault();
      verb(verbs[event.key], id);
      return;
    }
    if (event.key === "Escape") { verb("close", id); return; }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") { event.preventDefault(); aside(event.currentTarget, event.key === "ArrowRight"); }
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    if (event.altKey) { verb(way > 0 ? "down" : "up", id); return; }
    cards()[cards().indexOf(event.currentTarget) + way]?.focus();
  }

  // To the first card of the next way, or of the way before; from above the ways into the first of them.
  function aside(card, isRight) {
    const own = card.closest(".flow-way");
    const inner = card.parentElement.querySelector(":scope > .flow-ways > .flow-way");
    const next = isRight && inner ? inner : isRight ? own?.nextElementSibling : own?.previousElementSibling;
    const found = next?.querySelector("[data-node]") ?? next?.querySelector("[data-place]");
    (found ?? (isRight ? null : own?.parentElement.parentElement.querySelector(":scope > [data-node]")))?.focus();
  }

  // ---- the bar above
  function back(way) {
    if (!journey[way]()) return;
    changed();
    draw();
    openPanel();
  }
  const button = (title, act) => element("button", { class: "button button-s", type: "button", onclick: act }, title);
  tools.append(button(say.undo, () => back("undo")), button(say.redo, () => back("redo")));
  shown = canvasTools({ tools, scroll: canvas, say, drawing: () => canvas.firstElementChild,
    name: () => form.querySelector("[name=name]").value });
  tools.append(element("p", { class: "tiny soft" }, say.keyboard));
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea")) return;
    if (event.key === "z") { event.preventDefault(); back(event.shiftKey ? "redo" : "undo"); }
    if (event.key === "Enter") form.requestSubmit();
  });
  // A word typed into the panel is no draft to be saved: Enter alone would leave the page.
  side.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input")) event.preventDefault();
  });
  form.addEventListener("submit", () => { field.value = journey.text(); });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (journey.take(field.value)) { openPanel(); ask(); } }, quietMilliseconds);
  });
  criteriaNames(offer, form);
  // A journey begins with who comes in; where the panel would lie over the form, with its name.
  if (!journey.definition.steps.length && !window.matchMedia("(max-width: 56rem)").matches) chosen = "";
  // A link to one card opens it: what a draft still wants for is listed elsewhere.
  const named = window.location.hash.startsWith("#node-") ? window.location.hash.slice("#node-".length) : null;
  if (named === "" || (named && journey.find(named))) chosen = named;
  draw();
  openPanel();
  ask();
}
