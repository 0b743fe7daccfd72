// Live events: what the stream brings, newest first, held while paused, and never more than the page can bear.

const linesMax = 500, heldMax = 2_000;

for (const card of document.querySelectorAll("[data-live]")) begin(card);

function begin(card) {
  const part = (name) => card.querySelector(`[data-live-${name}]`);
  const list = part("list"), state = part("state"), dot = part("dot"), pause = part("pause");
  const pauseText = pause.querySelector("span"), pauseIcon = pause.querySelector("use");
  const pauseWord = pauseText.textContent, icons = pauseIcon.getAttribute("href").split("#")[0];
  const seen = new Set();
  let held = [], paused = false, skipped = 0;

  const tell = (word, tone) => {
    state.textContent = state.dataset[word];
    dot.className = `dot ${tone}`;
  };
  const stream = new EventSource(card.dataset.live);
  stream.onopen = () => { tell(paused ? "paused" : "open", paused ? "dot-warn" : "dot-live"); };
  stream.onerror = () => tell("lost", "dot-bad");
  stream.addEventListener("full", () => { stream.close(); tell("full", "dot-bad"); });
  stream.onmessage = (event) => {
    const { events, skipped: more } = JSON.parse(event.data);
    if (more > 0) {
      skipped += more;
      const note = part("skipped");
      note.hidden = false;
      note.textContent = note.dataset.liveSkipped.replace("{count}", skipped);
    }
    const fresh = events.filter((one) => !seen.has(one.key));
    for (const one of fresh) seen.add(one.key);
    if (paused) {
      held = [...held, ...fresh].slice(-heldMax);
      pauseText.textContent = held.length ? pause.dataset.held.replace("{count}", held.length) : pause.dataset.resume;
    } else show(fresh);
  };
  window.addEventListener("pagehide", () => stream.close());

  function show(events) {
    if (!events.length) return;
    part("empty").hidden = true;
    const lines = events.map((one) => line(card, one)).reverse();
    list.prepend(...lines);
    while (list.children.length > linesMax) list.lastElementChild.remove();
    if (seen.size > 20_000) for (const key of [...seen].slice(0, 10_000)) seen.delete(key);
  }

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pauseIcon.setAttribute("href", `${icons}#${paused ? "play" : "pause"}`);
    pauseText.textContent = paused ? pause.dataset.resume : pauseWord;
    tell(paused ? "paused" : "open", paused ? "dot-warn" : "dot-live");
    if (!paused) { show(held); held = []; }
  });
  part("clear").addEventListener("click", () => {
    list.replaceChildren();
    held = [];
    part("skipped").hidden = true;
    skipped = 0;
  });
}

function line(card, one) {
  const item = card.querySelector("[data-live-line]").content.firstElementChild.cloneNode(true);
  const put = (name, text) => { item.querySelector(`[data-${name}]`).textContent = text; };
  item.querySelector("time").textContent = one.time;
  for (const name of ["name", "kind", "source", "person", "when"]) put(name, one[name]);
  item.classList.add(`live-${one.type}`);
  const message = item.querySelector("[data-message]");
  message.textContent = one.message;
  message.href = `/live?message=${encodeURIComponent(one.message)}`;
  if (one.state) { put("state", one.state); item.querySelector("[data-state]").hidden = false; }
  if (one.href) {
    const open = item.querySelector("[data-open]");
    open.href = one.href;
    open.hidden = false;
    if (one.type === "refused") open.textContent = one.state;
  }
  for (const place of item.querySelectorAll("[data-document]")) {
    const text = one[place.dataset.document];
    if (!text) continue;
    place.hidden = false;
    place.querySelector("pre").textContent = pretty(text);
  }
  return item;
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}
