// The segment builder: a definition as nested groups of sentences, and how many people it comes to while one writes.
// The JSON in the form's text field stays the truth: it is what is posted, and it can be edited by hand as well.

import { element } from "./criteria-parts.js";
import { criteriaNames, criteriaTree, rooted } from "./criteria-tree.js";
import { post } from "./page.js";

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
  let isAsking = false;
  let told = { issues: [], warnings: [] };
  // A newer definition stops the count of the one before, at the store too; so does leaving the page.
  const ticket = `count-${String(Math.random()).slice(2)}`;
  window.addEventListener("pagehide", () => {
    if (isAsking) post("/panels/stop", { panel: ticket }, true).catch(() => null);
  });

  function read() {
    try {
      const found = JSON.parse(field.value);
      if (!found.where?.kind) return null;
      found.where = rooted(found.where);
      return found;
    } catch { return null; }
  }

  function changed() {
    field.value = JSON.stringify(definition);
    clearTimeout(timer);
    timer = setTimeout(() => ask(false), quietMilliseconds);
  }

  const draw = criteriaTree(offer, home, () => definition.where, changed);

  // The estimate first where there are many people, the exact number after it.
  async function ask(exact) {
    const mine = ++turn;
    const say = (name) => count.querySelector(`[data-${name}]`);
    if (!exact) say("share").textContent = words.counting;
    let answer = {};
    isAsking = true;
    try {
      const asked = { criteria: field.value, exact: exact ? "1" : "", segment: offer.segment };
      const reply = await post("/segments/preview", asked, false, ticket);
      answer = await reply.json();
    } catch { answer = {}; }
    if (mine !== turn) return;
    isAsking = false;
    say("people").textContent = answer.people ?? "–";
    say("share").textContent = answer.share ?? answer.problem ?? "";
    say("words").textContent = answer.words ?? "";
    say("sample").replaceChildren(...(answer.sample ?? []).map((person) =>
      element("li", {}, element("a", { href: person.href }, person.name))));
    told = { issues: answer.issues ?? [], warnings: answer.warnings ?? [] };
    show();
    if (answer.estimate) ask(true);
  }

  // What is wrong cannot be saved; what is hardly meant can. A condition that is just being written is neither.
  function show() {
    const fresh = [...home.querySelectorAll("[data-fresh]")];
    const issues = told.issues.filter((one) => !fresh.some((line) => lies(one, line)));
    const { warnings } = told;
    if (told.issues.length) count.querySelector("[data-share]").textContent = issues.length ? "" : words.unfinished;
    const list = (name, found) => count.querySelector(`[data-${name}]`)
      .replaceChildren(...found.slice(0, 5).map((one) => element("li", {}, one.text)));
    list("issues", issues);
    list("warnings", warnings);
    for (const line of home.querySelectorAll("[data-path]")) {
      const of = (found) => found.filter((one) => lies(one, line));
      const [wrong, odd] = [of(issues), of(warnings)];
      line.classList.toggle("has-issue", wrong.length > 0);
      line.querySelector(".criteria-problem")?.remove();
      const [one] = wrong.length ? wrong : odd;
      if (one) line.append(element("span", { class: `criteria-problem ${wrong.length ? "problem" : "caution"}` }, one.text));
    }
  }

  function lies(issue, line) {
    return issue.path === line.dataset.path || issue.path.startsWith(line.dataset.path + ".");
  }

  home.addEventListener("criteria-touched", show);
  criteriaNames(offer, card);
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
