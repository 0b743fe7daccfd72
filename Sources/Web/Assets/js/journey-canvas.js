// A drawn journey as one looks at it: larger and smaller, as a list, with a map of the whole in the corner, and as a
// picture to take along.

import { element } from "./criteria-parts.js";
import { picture } from "./journey-picture.js";
import { download } from "./page.js";

const zooms = [0.25, 0.35, 0.5, 0.75, 1, 1.25, 1.5];
const [mapWidth, mapHeight] = [180, 130];
const svgSpace = "http://www.w3.org/2000/svg";

export const svg = (name, attributes) => {
  const made = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

// Puts the tools beside a drawing. `scroll` holds it, `drawing()` finds it; call what is returned when it was drawn anew.
export function canvasTools({ tools, scroll, drawing, say, name }) {
  let [zoom, queued] = [1, false];
  const map = svg("svg", { class: "flow-map", "aria-hidden": "true", hidden: "" });
  scroll.after(map);

  const button = (title, act, pressed) => element("button", { class: "button button-s", type: "button", "aria-label": title,
    "aria-pressed": pressed, onclick: act }, title);
  const level = element("span", { class: "flow-level tiny soft", "aria-live": "polite" });

  function set(value) {
    zoom = value;
    shown();
  }

  function step(by) {
    const next = by > 0 ? zooms.find((one) => one > zoom + 0.001) : zooms.findLast((one) => one < zoom - 0.001);
    if (next) set(next);
  }

  function fit() {
    const root = drawing();
    if (!root) return;
    root.style.zoom = 1;
    const share = Math.min(scroll.clientWidth / scroll.scrollWidth, window.innerHeight * 0.8 / scroll.scrollHeight, 1);
    set(Math.max(share, zooms[0]));
  }

  const asList = button(say.list_view, () => {
    const isList = scroll.classList.toggle("flow-list");
    asList.setAttribute("aria-pressed", String(isList));
    shown();
  }, "false");

  // ---- the map
  function drawMap() {
    queued = false;
    const [width, height] = [scroll.scrollWidth, scroll.scrollHeight];
    const isWhole = width <= scroll.clientWidth + 1 && height <= scroll.clientHeight + 1;
    map.toggleAttribute("hidden", isWhole || scroll.classList.contains("flow-list"));
    if (map.hasAttribute("hidden")) return;
    const scale = Math.min(mapWidth / width, mapHeight / height);
    map.setAttribute("viewBox", `0 0 ${width} ${height}`);
    map.setAttribute("width", String(Math.round(width * scale)));
    map.setAttribute("height", String(Math.round(height * scale)));
    const box = scroll.getBoundingClientRect();
    const cards = [...scroll.querySelectorAll(".flow-card")].map((card) => {
      const at = card.getBoundingClientRect();
      return svg("rect", { class: card.getAttribute("aria-pressed") === "true" ? "is-chosen" : "is-card",
        x: at.left - box.left + scroll.scrollLeft, y: at.top - box.top + scroll.scrollTop, width: at.width, height: at.height });
    });
    map.replaceChildren(...cards, svg("rect", { class: "is-view", x: scroll.scrollLeft, y: scroll.scrollTop,
      width: scroll.clientWidth, height: scroll.clientHeight }));
  }

  function later() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(drawMap);
  }

  function move(event) {
    const at = map.getBoundingClientRect();
    scroll.scrollTo((event.clientX - at.left) / at.width * scroll.scrollWidth - scroll.clientWidth / 2,
      (event.clientY - at.top) / at.height * scroll.scrollHeight - scroll.clientHeight / 2);
  }
  map.addEventListener("pointerdown", (event) => { map.setPointerCapture(event.pointerId); move(event); });
  map.addEventListener("pointermove", (event) => { if (event.buttons) move(event); });
  scroll.addEventListener("scroll", later, { passive: true });
  new ResizeObserver(later).observe(scroll);

  // ---- pictures
  const file = (ending) => `${name() || "journey"}.${ending}`;
  const drawn = () => picture(scroll, drawing(), name());
  const asSVG = button(say.as_svg, () => download(new Blob([drawn().text], { type: "image/svg+xml" }), file("svg")));
  const asPNG = button(say.as_png, async () => {
    const blob = await drawn().png();
    if (blob) download(blob, file("png"));
  });

  const all = [button(say.zoom_out, () => step(-1)), level, button(say.zoom_in, () => step(1)), button(say.fit, fit), asList,
    asSVG, asPNG];

  function shown() {
    const root = drawing();
    if (root) root.style.zoom = String(zoom);
    // Where no node stands yet there is nothing to look at more closely.
    const isEmpty = !root?.querySelector(".flow-card[data-kind]");
    for (const one of all) one.hidden = isEmpty;
    level.textContent = `${Math.round(zoom * 100)}%`;
    later();
  }

  tools.append(...all);
  shown();
  return shown;
}

for (const tools of document.querySelectorAll("[data-flow-tools]")) {
  const scroll = document.getElementById(tools.dataset.flowTools)?.querySelector(".flow-scroll");
  const { zoomIn, zoomOut, fit, listView, asSvg, asPng } = tools.dataset;
  if (scroll) {
    canvasTools({ tools, scroll, drawing: () => scroll.querySelector(":scope > .flow-whole"), name: () => document.querySelector("h1")?.textContent.trim() ?? "",
      say: { zoom_in: zoomIn, zoom_out: zoomOut, fit, list_view: listView, as_svg: asSvg, as_png: asPng } });
  }
}
