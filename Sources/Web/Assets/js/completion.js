// Names divided by commas are completed one by one: the one in which the caret stands, from the datalist that the input
// names. A browser's own list completes only the first of them. Arrows choose, Enter and Tab take, Escape closes.

const dividers = /[,，、]/;
const shownMax = 50;

const list = document.createElement("ul");
list.id = "completion";
list.className = "completion";
list.setAttribute("role", "listbox");
list.hidden = true;

let input, at = -1;

// The name that the caret stands in, and where it begins and ends.
function part() {
  const text = input.value;
  let from = input.selectionStart ?? text.length, to = from;
  while (from > 0 && !dividers.test(text[from - 1])) from -= 1;
  while (to < text.length && !dividers.test(text[to])) to += 1;
  return { from, to, name: text.slice(from, to).trim() };
}

// What is offered: names that begin so before those that hold it, and none that stands there already.
function offered() {
  const { from, to, name } = part();
  const others = `${input.value.slice(0, from)},${input.value.slice(to)}`.split(dividers).map((one) => one.trim());
  const asked = name.toLowerCase();
  const rank = (option) => {
    const [value, title] = [option.value.toLowerCase(), option.label.toLowerCase()];
    return value.startsWith(asked) ? 0 : value.includes(asked) || title.includes(asked) ? 1 : 2;
  };
  const options = [...(document.getElementById(input.dataset.parts)?.options ?? [])]
    .filter((option) => !others.includes(option.value) && rank(option) < 2)
    .sort((one, other) => rank(one) - rank(other));
  return options.length === 1 && options[0].value === name ? [] : options.slice(0, shownMax);
}

function show() {
  // A definition as JSON has commas of its own.
  const options = /^\s*[{[]/.test(input.value) ? [] : offered();
  if (!options.length) return hide();
  list.replaceChildren(...options.map(line));
  list.setAttribute("aria-label", input.getAttribute("aria-label") ?? input.labels?.[0]?.textContent ?? "");
  // Above a dialog that stands open, too.
  (input.closest("dialog") ?? document.body).append(list);
  list.hidden = false;
  place();
  input.setAttribute("aria-expanded", "true");
  mark(-1);
}

function line(option, index) {
  const made = document.createElement("li");
  made.id = `completion-${index}`;
  made.setAttribute("role", "option");
  made.dataset.name = option.value;
  made.textContent = option.value;
  if (option.label && option.label !== option.value) {
    const title = document.createElement("span");
    title.className = "faint small clip";
    title.textContent = option.label;
    made.append(title);
  }
  return made;
}

// Under the input, or over it where there is more room.
function place() {
  const box = input.getBoundingClientRect();
  const below = innerHeight - box.bottom, isAbove = below < 200 && box.top > below;
  list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - list.offsetWidth - 8))}px`;
  list.style.minWidth = `${box.width}px`;
  list.style.top = isAbove ? "" : `${box.bottom + 4}px`;
  list.style.bottom = isAbove ? `${innerHeight - box.top + 4}px` : "";
}

function hide() {
  list.hidden = true;
  input?.setAttribute("aria-expanded", "false");
  input?.removeAttribute("aria-activedescendant");
}

function mark(place) {
  at = place;
  [...list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
  if (at < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", list.children[at].id);
  list.children[at].scrollIntoView({ block: "nearest" });
}

function take(name) {
  const { from, to } = part();
  input.setRangeText((from > 0 ? " " : "") + name, from, to, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
  hide();
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// The browser's own list would stand over this one.
function attach(found) {
  input = found;
  if (!input.hasAttribute("list")) return;
  input.dataset.parts = input.getAttribute("list");
  input.removeAttribute("list");
  input.autocomplete = "off";
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
    input.setAttribute(name, value);
  }
}

const isOurs = (event) => event.target === input && input.isConnected;
document.addEventListener("focusin", (event) => {
  if (event.target instanceof HTMLElement && event.target.matches("input[data-parts]")) attach(event.target);
});
if (document.activeElement?.matches("input[data-parts]")) attach(document.activeElement);

document.addEventListener("focusout", (event) => { if (isOurs(event)) hide(); });
document.addEventListener("input", (event) => { if (isOurs(event) && !event.isComposing) show(); });
document.addEventListener("compositionend", (event) => { if (isOurs(event)) show(); });
document.addEventListener("click", (event) => { if (isOurs(event)) show(); });
document.addEventListener("keydown", (event) => {
  // An input method's own Enter takes a word, not a name.
  if (!isOurs(event) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (list.hidden) {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    return show();
  }
  const count = list.children.length;
  if (event.key === "ArrowDown") mark((at + 1) % count);
  else if (event.key === "ArrowUp") mark((at <= 0 ? count : at) - 1);
  else if (event.key === "Escape") hide();
  else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) take(list.children[at].dataset.name);
  else return;
  if (event.key !== "Tab") event.preventDefault();
}, true);

// The input keeps the focus.
list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-name]");
  if (chosen) take(chosen.dataset.name);
});
// It stays at its input, which moves when the page does, also by itself.
addEventListener("scroll", (event) => { if (!list.hidden && event.target !== list) place(); }, true);
addEventListener("resize", () => { if (!list.hidden) place(); });
