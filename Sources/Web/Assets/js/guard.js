// Nobody loses what they typed by leaving: a form that was changed asks first.

for (const form of document.querySelectorAll("form[data-guard]")) guard(form);

function guard(form) {
  const said = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();
  let kept = form.dataset.guard === "typed" ? null : said();
  form.addEventListener("submit", (event) => {
    // What only asks for a preview leaves everything here.
    if (!event.submitter?.formTarget) kept = undefined;
  });
  // A page that comes back from the browser's memory is asked again.
  window.addEventListener("pageshow", () => { if (kept === undefined) kept = said(); });
  window.addEventListener("beforeunload", (event) => {
    if (kept !== undefined && said() !== kept) event.preventDefault();
  });
}
