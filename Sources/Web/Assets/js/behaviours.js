// Small behaviours, by attribute: dialogs, the menu on a phone, copying, rows that are links.

import { words } from "./page.js";
import { toast } from "./toasts.js";
import { openPalette } from "./palette.js";

// Where one is stands in sight, however low a window is.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest" });

// An address may name a dialog of its page, which then stands open.
function openNamed() {
  const named = document.getElementById(window.location.hash.slice(1));
  if (named instanceof HTMLDialogElement && !named.open) named.showModal();
}
openNamed();
window.addEventListener("hashchange", openNamed);
// So does one whose form came back with something wrong in it.
document.querySelector("dialog[data-shown]")?.showModal();

document.addEventListener("click", async (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const opener = target.closest("[data-dialog]");
  if (opener) {
    if (opener.matches("a")) event.preventDefault();
    return document.getElementById(opener.dataset.dialog)?.showModal();
  }
  if (target.matches("dialog.drawer")) return target.close();
  if (target.closest("[data-close]")) return target.closest("dialog")?.close();
  if (target.closest("[data-nav]")) return toggleNavigation();
  if (document.body.classList.contains("nav-open") && !target.closest(".side")) return toggleNavigation(false);
  if (target.closest("[data-palette]")) return openPalette();
  if (target.closest("[data-print]")) return window.print();
  const copier = target.closest("[data-copy]");
  if (copier) {
    const source = document.getElementById(copier.dataset.copy);
    await navigator.clipboard?.writeText(source?.textContent ?? "");
    return toast(words.copied);
  }
  const asking = target.closest("button[data-confirm]");
  if (asking && !asking.dataset.confirmed) {
    event.preventDefault();
    return confirmFirst(asking);
  }
  for (const open of document.querySelectorAll("details.pop[open]")) if (!open.contains(target)) open.open = false;
  const row = target.closest("tr[data-href]");
  if (row && !target.closest("a, button, input, label") && !String(window.getSelection())) {
    window.location.href = row.dataset.href;
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLElement && field.matches("[data-submit]")) field.form?.requestSubmit();
});

// Asks before what cannot be taken back.
function confirmFirst(button) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("p").textContent = button.dataset.confirm;
  const yes = dialog.querySelector("[data-yes]");
  yes.textContent = button.textContent.trim();
  yes.onclick = () => {
    dialog.close();
    button.dataset.confirmed = "1";
    button.click();
    delete button.dataset.confirmed;
  };
  dialog.showModal();
}

function toggleNavigation(open = !document.body.classList.contains("nav-open")) {
  document.body.classList.toggle("nav-open", open);
  document.querySelector("[data-nav]")?.setAttribute("aria-expanded", String(open));
  if (open) document.querySelector(".side a")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    toggleNavigation(false);
    for (const open of document.querySelectorAll("details.pop[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
  const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); }
  }
});

// Where tabs do not all fit, the one that is open does.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
