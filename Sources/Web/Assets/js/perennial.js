// Perennial's script: modules by component, loaded as they are. No globals, no inline handlers, nothing evaluated.

import { meta, whenShown } from "./page.js";
import "./toasts.js";
import "./palette.js";
import "./behaviours.js";
import "./tray.js";
import "./panels.js";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = meta("csrf");
});

// Modules that only some pages need come with what needs them.
const modules = {
  "[data-chart]": () => import("./charts.js"),
  "[data-table]": () => import("./table.js"),
  ".table-fold": () => import("./fold.js"),
  "[data-board]": () => import("./board.js"),
  "[data-live]": () => import("./live.js"),
  "[data-criteria]": () => import("./segment-builder.js"),
  "[data-tiers]": () => import("./tier-editor.js"),
  "[data-score]": () => import("./score-editor.js"),
  "[data-journey]": () => import("./journey-editor.js"),
  "[data-letter]": () => import("./letter.js"),
  "[data-guard]": () => import("./guard.js"),
  "[data-flow-tools]": () => import("./journey-canvas.js"),
  "[data-program]": () => import("./program-editor.js"),
  "[data-print]": () => import("./print.js"),
  "[data-bytes]": () => import("./bytes.js"),
  "[data-parts]": () => import("./completion.js"),
  ".how": () => import("./how.js"),
  "form[data-upload]": () => import("./uploads.js"),
};
const loaded = new Set();
whenShown((within) => {
  for (const [selector, load] of Object.entries(modules)) {
    if (loaded.has(selector) || !within.querySelector(selector)) continue;
    loaded.add(selector);
    load();
  }
});
