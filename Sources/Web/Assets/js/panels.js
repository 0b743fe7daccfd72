// A panel that takes long can be stopped, here and at the store, and asked for again. Whoever leaves the page stops what it
// still waits for.

import { post } from "./page.js";

document.addEventListener("htmx:configRequest", (event) => {
  const panel = event.detail.elt;
  if (event.detail.verb !== "get" || !panel.querySelector?.("[data-stop]")) return;
  panel.dataset.ticket = String(Math.random()).slice(2);
  event.detail.headers["X-Panel"] = panel.dataset.ticket;
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-stop], [data-again]") : null;
  const panel = button?.closest("[hx-get]");
  if (!panel) return;
  const stops = button.matches("[data-stop]");
  panel.querySelector(".loading")?.classList.toggle("loading-stopped", stops);
  if (!stops) return window.htmx?.trigger(panel, "again");
  window.htmx?.trigger(panel, "htmx:abort");
  post("/panels/stop", { panel: panel.dataset.ticket ?? "" }).catch(() => null);
});

window.addEventListener("pagehide", () => {
  for (const panel of document.querySelectorAll("[data-ticket]")) {
    if (panel.querySelector(".loading:not(.loading-stopped)")) post("/panels/stop", { panel: panel.dataset.ticket }, true).catch(() => null);
  }
});
