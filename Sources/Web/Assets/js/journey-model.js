// A definition in the editor's hands: nodes by id, moves, and a way back.

const undoLimit = 100;
// Nodes that need not have ways: what becomes of them need not be asked.
export const optional = ["outcomes", "answers"];

export class Journey {
  constructor(text, offer) {
    this.offer = offer;
    this.past = [];
    this.future = [];
    // Ids that stand or stood for a node, here or in a published version: figures and people on their way go by them, so
    // another node never gets one of them.
    this.spent = new Set(offer.spent_ids ?? []);
    this.definition = { version: 1, entry: { kind: "api" }, reentry: { kind: "after_exit" }, steps: [] };
    this.take(text);
    this.last = this.text();
  }

  // Reads JSON that somebody wrote by hand. Says whether it was another definition.
  take(text) {
    try {
      const found = JSON.parse(text);
      if (!Array.isArray(found.steps) || JSON.stringify(found) === JSON.stringify(this.definition)) return false;
      this.definition = found;
      this.definition.entry ??= { kind: "api" };
      this.definition.reentry ??= { kind: "after_exit" };
      this.note();
      return true;
    } catch { return false; }
  }

  // Without what is not filled in: empty groups of conditions, and aims without anything.
  text() {
    const empty = (node) => !node || (["all", "any"].includes(node.kind) && !node.of?.length);
    const shown = structuredClone(this.definition);
    if (empty(shown.who)) delete shown.who;
    for (const aim of ["goal", "exit"]) {
      if (shown[aim] && empty(shown[aim].where)) delete shown[aim].where;
      if (shown[aim]?.event && !shown[aim].event.names?.length) delete shown[aim].event;
      if (shown[aim] && !shown[aim].event && !shown[aim].where) delete shown[aim];
    }
    return JSON.stringify(shown, null, 1);
  }

  // Remembers what was before the last change.
  note() {
    for (const step of this.all()) this.spent.add(step.id);
    const now = this.text();
    if (now === this.last) return;
    if (this.last !== undefined) this.past.push(this.last);
    if (this.past.length > undoLimit) this.past.shift();
    this.future = [];
    this.last = now;
  }

  undo() { return this.go(this.past, this.future); }
  redo() { return this.go(this.future, this.past); }

  go(from, to) {
    const text = from.pop();
    if (text === undefined) return false;
    to.push(this.last);
    this.last = text;
    this.definition = JSON.parse(text);
    return true;
  }

  // The node of an id with the list that it stands in.
  find(id, steps = this.definition.steps) {
    for (const [index, step] of steps.entries()) {
      if (step.id === id) return { step, steps, index };
      for (const inner of [...(step.paths ?? []).map((path) => path.steps ?? []), step.otherwise ?? []]) {
        const found = this.find(id, inner);
        if (found) return found;
      }
    }
    return null;
  }

  all(steps = this.definition.steps) {
    return steps.flatMap((step) => [step, ...(step.paths ?? []).flatMap((path) => this.all(path.steps ?? [])), ...this.all(step.otherwise ?? [])]);
  }

  taken() { return new Set([...this.spent, ...this.all().map((step) => step.id)]); }

  newID(kind) {
    const taken = this.taken();
    let number = 1;
    while (taken.has(`${kind}${number}`)) number += 1;
    return `${kind}${number}`;
  }

  fresh(kind) {
    const form = this.offer.nodes.find((one) => one.kind === kind);
    const step = { id: this.newID(kind), kind };
    const usual = { amount: 1, unit: "days", from_hour: 9, to_hour: 21, weekdays: [], hour: 9, offset_days: 0, percent: 10, yearly: false, transactional: false, reverses: false, mail: false, topic: "" };
    for (const part of form?.parts ?? []) {
      if (part.field in usual) step[part.field] = usual[part.field];
      else if (part.input === "choice") step[part.field] = part.choices[0]?.value;
    }
    if (kind === "points") step.amount = 100;
    if (kind === "webhook") step.unit = "hours";
    if (kind === "task") Object.assign(step, { amount: 3, title: form.title });
    if (form?.fork && form.fork !== "none") {
      step.paths = optional.includes(form.fork) ? [] : [this.way(form, 1), ...(form.fork === "weights" ? [this.way(form, 2)] : [])];
      if (form.fork !== "weights") step.otherwise = [];
    }
    return step;
  }

  // One way more out of a node of this kind: for an answer or an outcome that none of its ways stands for yet.
  way({ fork, answers }, number, siblings = []) {
    const open = (choices, field) => choices?.find((one) => !siblings.some((path) => path[field] === one.value)) ?? choices?.[0];
    const path = { name: String.fromCharCode(64 + number), steps: [] };
    if (fork === "weights") path.weight = 50;
    if (fork === "conditions") path.where = { kind: "all", of: [] };
    if (fork === "events") path.event = { names: [] };
    if (fork === "outcomes") {
      path.outcome = siblings.some((one) => one.outcome === "opened") ? open(this.offer.outcomes, "outcome")?.value : "opened";
    }
    if (fork === "answers") {
      const answer = open(answers, "answer");
      const isFree = !siblings.some((one) => one.name === answer?.title);
      Object.assign(path, { answer: answer?.value, name: isFree ? answer?.title ?? path.name : path.name });
    }
    if (fork === "variants") path.variant = "";
    return path;
  }

  // A copy with ids of its own, and everything inside it.
  copy(step) { return this.copies([step])[0]; }

  // A copy of a way, with a name that the node does not have yet.
  copyWay(path, siblings) {
    const made = { ...structuredClone(path), steps: this.copies(path.steps ?? []) };
    for (let number = 2; siblings.some((one) => one.name === made.name); number += 1) made.name = `${path.name} ${number}`;
    return made;
  }

  copies(steps) {
    const made = structuredClone(steps);
    const taken = this.taken();
    const names = {};
    for (const one of this.all(made)) {
      let number = 1;
      while (taken.has(`${one.kind}${number}`)) number += 1;
      names[one.id] = `${one.kind}${number}`;
      taken.add(names[one.id]);
    }
    for (const one of this.all(made)) {
      if (one.to && names[one.to]) one.to = names[one.to];
      one.id = names[one.id] ?? one.id;
    }
    return made;
  }

  remove(id) {
    const found = this.find(id);
    found?.steps.splice(found.index, 1);
  }

  shift(id, by) {
    const found = this.find(id);
    const to = (found?.index ?? 0) + by;
    if (!found || to < 0 || to >= found.steps.length) return;
    found.steps.splice(found.index, 1);
    found.steps.splice(to, 0, found.step);
  }
}
