// Panels of a dashboard are put in order by dragging; the buttons of each row do the same without a mouse.

import { whenShown } from "./page.js";

whenShown((within) => {
  for (const list of within.querySelectorAll("[data-board]:not([data-found])")) {
    list.dataset.found = "";
    begin(list);
  }
});

function begin(list) {
  let dragged;
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li");
    dragged?.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = undefined;
    // The buttons name places as they were; numbered anew they name those that are.
    [...list.children].forEach((row, place) => {
      for (const button of row.querySelectorAll("button[name=step]")) {
        button.value = button.value.split(":")[0] + ":" + place;
      }
    });
  });
}
