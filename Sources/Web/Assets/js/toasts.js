// Short words that leave by themselves.

import { words } from "./page.js";

export function toast(text) {
  const list = document.getElementById("toasts");
  if (!list || !text) return;
  const item = document.createElement("div");
  item.className = "toast";
  item.textContent = text;
  list.append(item);
  setTimeout(() => item.remove(), 6000);
}
for (const item of document.querySelectorAll("#toasts .toast")) setTimeout(() => item.remove(), 6000);

document.addEventListener("htmx:responseError", () => toast(words.failed));
document.addEventListener("htmx:sendError", () => toast(words.offline));
