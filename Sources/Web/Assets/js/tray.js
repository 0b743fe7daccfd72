// The tray of background work: what runs, how far it is, and a word when it ends, on whatever page one is by then.

import { words } from "./page.js";
import { toast } from "./toasts.js";

const tray = document.getElementById("tray");
const busySeconds = 2, idleSeconds = 30, hiddenSeconds = 60;
// Nobody at the screen for so long: asking on would keep the session alive for nobody.
const awaySeconds = 900;
let lastMoved = Date.now();
for (const name of ["pointermove", "keydown", "scroll"]) {
  document.addEventListener(name, () => { lastMoved = Date.now(); }, { passive: true });
}
const kept = "tray";

// Work that was seen running, so that its end is told once, also after a change of page.
function known(next) {
  try {
    if (next) sessionStorage.setItem(kept, JSON.stringify(next));
    return JSON.parse(sessionStorage.getItem(kept) ?? "[]");
  } catch {
    return next ?? [];
  }
}

async function look() {
  let wait = idleSeconds;
  try {
    if (!document.hidden && Date.now() - lastMoved < awaySeconds * 1000) {
      const answer = await fetch("/work", { headers: { Accept: "application/json" } });
      if (answer.redirected || answer.status === 401) return;
      const { work } = await answer.json();
      if (show(work)) wait = busySeconds;
    } else wait = hiddenSeconds;
  } catch {
    wait = idleSeconds;
  }
  setTimeout(look, wait * 1000);
}

function show(work) {
  const running = work.filter((one) => !one.ended);
  const before = known();
  for (const one of work) {
    if (one.ended && before.includes(one.id)) toast(`${one.title}: ${one.state}`, one.ready || one.failed ? one.href : undefined, one.ready ? words.download : words.open);
  }
  known(running.map((one) => one.id));
  const listed = [...running, ...work.filter((one) => one.ended && (one.ready || one.failed))];
  tray.hidden = listed.length === 0;
  tray.querySelector("[data-tray-count]").textContent = running.length
    ? words.running.replace("{count}", running.length) : words.finished;
  tray.classList.toggle("tray-idle", running.length === 0);
  tray.querySelector("ul").replaceChildren(...listed.map(line));
  return running.length > 0;
}

function line(one) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = one.href ?? "#";
  link.className = "clip";
  link.textContent = one.title;
  const state = document.createElement("span");
  state.className = "tiny soft nowrap";
  state.textContent = one.ready ? words.download : [one.state, one.ended ? "" : one.detail].filter(Boolean).join(" · ");
  const head = document.createElement("span");
  head.className = "spread";
  head.append(link, state);
  item.append(head);
  if (!one.ended) {
    const bar = document.createElement("progress");
    bar.className = "progress";
    bar.setAttribute("aria-label", one.title);
    if (one.share != null) { bar.max = 1; bar.value = one.share; }
    item.append(bar);
  }
  return item;
}

if (tray) {
  look();
}
