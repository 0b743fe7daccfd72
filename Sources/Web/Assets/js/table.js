// Lists: all rows at once, ranges with the shift key, the keyboard, and what is shown as a file.
//
// j and k go down and up, x selects, Enter opens.

import { whenShown } from "./page.js";
import { saveCSV } from "./csv.js";

whenShown((within) => {
  for (const card of within.querySelectorAll("[data-table]:not([data-found])")) {
    card.dataset.found = "";
    begin(card);
  }
});

function begin(card) {
  const form = card.querySelector("form[data-select]");
  card.querySelector("[data-table-save]")?.addEventListener("click", () => save(card));
  if (form) select(form);
}

function select(form) {
  const all = form.querySelector("[data-all]");
  const boxes = [...form.querySelectorAll("tbody input[name=id]")];
  const count = form.querySelector("[data-count]");
  let last;
  const tell = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    count.textContent = count.dataset.count.replace("{count}", chosen);
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    form.classList.toggle("selecting", chosen > 0);
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      last = box;
      tell();
    });
  }
  form.addEventListener("reset", () => setTimeout(tell));
  tell();
}

function save(card) {
  const cells = (row) => [...row.cells].filter((cell) => !cell.matches(".tick")).map((cell) => cell.innerText.trim().replaceAll("\n", " · "));
  saveCSV([...card.querySelectorAll("thead tr, tbody tr")].map(cells), card.getAttribute("aria-label"));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !["j", "k", "x"].includes(event.key)) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog")) return;
  const rows = [...document.querySelectorAll("[data-table] tbody tr")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement?.closest("tr"));
  event.preventDefault();
  if (event.key === "x") return rows[at]?.querySelector("input[name=id]")?.click();
  const next = rows[event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
  (next.querySelector("a") ?? next.querySelector("input"))?.focus();
  next.scrollIntoView({ block: "nearest" });
});
