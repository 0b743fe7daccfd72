// Tables that are no list component: their cells learn their column's title, so that on a phone a row becomes a card.

import { whenShown } from "./page.js";

whenShown((within) => {
  for (const table of within.querySelectorAll("table.table-fold:not(.table-rows)")) {
    const titles = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.title ?? cell.textContent.trim());
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, at) => { if (cell.colSpan === 1) cell.dataset.label = titles[at]; });
    }
    table.classList.add("table-rows");
  }
});
