// Short words that leave by themselves; one with something to open stays longer, and while it is pointed at.

import { words } from "./page.js";

const seconds = 6, linkedSeconds = 20;

export function toast(text, href, title) {
  const list = document.getElementById("toasts");
  if (!list || !text) return;
  const item = document.createElement("div");
  item.className = "toast";
  const said = document.createElement("span");
  said.textContent = text;
  item.append(said);
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = title ?? text;
    item.append(link);
  }
  list.append(item);
  leave(item, href ? linkedSeconds : seconds);
}

function leave(item, after) {
  setTimeout(() => (item.matches(":hover, :focus-within") ? leave(item, 2) : item.remove()), after * 1000);
}
for (const item of document.querySelectorAll("#toasts .toast")) leave(item, seconds);

document.addEventListener("htmx:responseError", () => toast(words.failed));
document.addEventListener("htmx:sendError", () => toast(words.offline));
