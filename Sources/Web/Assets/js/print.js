// On paper everything stands open.

window.addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("main details:not([open])")) {
    one.open = true;
    one.dataset.printed = "";
  }
});
window.addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("details[data-printed]")) {
    one.open = false;
    delete one.dataset.printed;
  }
});
