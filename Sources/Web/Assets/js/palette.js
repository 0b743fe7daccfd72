// The command palette: pages, what one may do, and people, under one key.
//
// What stands there never moves: people, whom the server has to look for, come below what is known at once. An answer to
// what is no longer asked is dropped.

import { words } from "./page.js";

export function openPalette() { palette.open(); }

const leastCharacters = 2, pauseMilliseconds = 150;

const links = (selector) => [...document.querySelectorAll(selector)].map((link) => (
  { title: link.textContent.trim(), href: link.getAttribute("href"), detail: link.dataset.place }));

const palette = {
  dialog: document.getElementById("palette"),
  turn: 0,
  open() {
    if (!this.dialog || this.dialog.open) return;
    this.dialog.showModal();
    this.input.value = "";
    this.show();
    this.input.focus();
  },
  get input() { return this.dialog.querySelector("input"); },
  get list() { return this.dialog.querySelector(".palette-list"); },
  get note() { return this.dialog.querySelector(".palette-note"); },
  get items() { return [...this.list.querySelectorAll(".palette-item")]; },
  pages: links(".nav a"),
  actions: links("#palette [data-actions] a"),
  async show() {
    const asked = this.input.value.trim();
    const mine = (this.turn += 1);
    this.asking?.abort();
    const matching = (all) => all.filter((one) => `${one.title} ${one.detail ?? ""}`.toLowerCase().includes(asked.toLowerCase()));
    const places = [[words.pages, matching(this.pages)], [words.actions, matching(this.actions)]];
    this.fill(places);
    if (asked.length < leastCharacters) return this.tell(places, asked ? words.nothing : "", asked);
    this.tell([], words.searching);
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
    if (mine !== this.turn) return;
    this.asking = new AbortController();
    const people = await find(asked, this.asking.signal);
    if (mine !== this.turn) return;
    const all = [...places, [words.people, people ?? []]];
    this.fill(all, this.items[this.at]?.getAttribute("href"));
    if (people) this.tell(all, words.nothing, asked);
    else this.tell([], words.offline);
  },
  // Says what the list does not: that it is looked for, that nothing was found, that nobody answered.
  tell(groups, text, asked = "") {
    const isFound = groups.some(([, items]) => items.length);
    this.note.textContent = isFound ? "" : text.replace("{text}", asked);
    this.note.hidden = !this.note.textContent;
  },
  fill(groups, kept) {
    this.list.replaceChildren();
    for (const [name, items] of groups) {
      if (!items.length) continue;
      const head = document.createElement("h3");
      head.textContent = name;
      head.setAttribute("role", "presentation");
      this.list.append(head, ...items.map(line));
    }
    const at = this.items.findIndex((item) => item.getAttribute("href") === kept);
    this.at = undefined;
    this.input.removeAttribute("aria-activedescendant");
    this.select(Math.max(at, 0));
  },
  select(at) {
    const items = this.items;
    if (!items.length) return;
    this.at = (at + items.length) % items.length;
    items.forEach((item, index) => {
      item.id = `palette-${index}`;
      item.setAttribute("aria-selected", String(index === this.at));
    });
    this.input.setAttribute("aria-activedescendant", items[this.at].id);
    items[this.at].scrollIntoView({ block: "nearest" });
  },
};

/// People by name or identity; null when nobody answers.
async function find(asked, signal) {
  try {
    const answer = await fetch(`/palette?${new URLSearchParams({ q: asked })}`, { signal });
    return answer.ok ? (await answer.json()).people : null;
  } catch {
    return null;
  }
}

function line(one) {
  const link = document.createElement("a");
  link.className = "palette-item";
  link.setAttribute("role", "option");
  link.href = one.href;
  const title = document.createElement("span");
  title.className = "clip";
  title.textContent = one.title;
  link.append(title);
  if (one.detail) {
    const detail = document.createElement("span");
    detail.className = "faint small clip";
    detail.textContent = one.detail;
    link.append(detail);
  }
  return link;
}

if (palette.dialog) {
  palette.input.addEventListener("input", () => palette.show());
  palette.dialog.addEventListener("keydown", (event) => {
    // An input method's own Enter takes a word, not a line.
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      palette.select((palette.at ?? 0) + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const chosen = palette.items[palette.at];
      if (!chosen) return;
      chosen.click();
      // What it leads to may be on this very page.
      palette.dialog.close();
    }
  });
  palette.dialog.addEventListener("click", (event) => { if (event.target === palette.dialog) palette.dialog.close(); });
}
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette.open();
  }
});
