// The command palette: people, pages and what one may do, under one key.

import { words } from "./page.js";

export function openPalette() { palette.open(); }

const links = (selector) => [...document.querySelectorAll(selector)].map((link) => (
  { title: link.textContent.trim(), href: link.getAttribute("href"), detail: link.dataset.place }));

const palette = {
  dialog: document.getElementById("palette"),
  open() {
    if (!this.dialog || this.dialog.open) return;
    this.dialog.showModal();
    this.input.value = "";
    this.show();
    this.input.focus();
  },
  get input() { return this.dialog.querySelector("input"); },
  get list() { return this.dialog.querySelector(".palette-list"); },
  get items() { return [...this.list.querySelectorAll(".palette-item")]; },
  pages: links(".nav a"),
  actions: links("#palette [data-actions] a"),
  async show() {
    const asked = this.input.value.trim();
    const matching = (all) => all.filter((one) => `${one.title} ${one.detail ?? ""}`.toLowerCase().includes(asked.toLowerCase()));
    const places = [[words.pages, matching(this.pages)], [words.actions, matching(this.actions)]];
    this.fill(places);
    if (asked.length < 2) return;
    const mine = (this.turn = (this.turn ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    if (mine !== this.turn) return;
    const answer = await fetch(`/palette?${new URLSearchParams({ q: asked })}`).catch(() => null);
    if (mine !== this.turn || !answer?.ok) return;
    const found = await answer.json();
    this.fill([[words.people, found.people], ...places]);
  },
  fill(groups) {
    this.list.replaceChildren();
    for (const [name, items] of groups) {
      if (!items?.length) continue;
      const head = document.createElement("h3");
      head.textContent = name;
      this.list.append(head);
      for (const one of items) {
        const link = document.createElement("a");
        link.className = "palette-item";
        link.setAttribute("role", "option");
        link.href = one.href;
        link.textContent = one.title;
        if (one.detail) {
          const detail = document.createElement("span");
          detail.className = "faint small clip";
          detail.textContent = one.detail;
          link.append(detail);
        }
        this.list.append(link);
      }
    }
    this.select(0);
  },
  select(at) {
    const items = this.items;
    if (!items.length) return;
    this.at = (at + items.length) % items.length;
    items.forEach((item, index) => item.setAttribute("aria-selected", String(index === this.at)));
    items[this.at].scrollIntoView({ block: "nearest" });
  },
};
if (palette.dialog) {
  palette.input.addEventListener("input", () => palette.show());
  palette.dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      palette.select(palette.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      palette.items[palette.at]?.click();
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
