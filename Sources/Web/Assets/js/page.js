// What every module knows of the page: its language, its texts, its tokens, and how to ask the server.

export const root = document.documentElement;
export const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
export const language = root.lang === "en" ? "en-GB" : "zh-CN";
export const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

// Runs for the document, and for every piece that htmx brings later.
export function whenShown(find) {
  find(document);
  document.addEventListener("htmx:afterSwap", (event) => find(event.detail.target.parentElement ?? document));
}

// Sends a form's fields with the session's token; `lasts`: also while the page goes; `ticket`: what is still being
// answered under it is stopped.
export function post(path, fields, lasts = false, ticket = "") {
  const headers = { "X-CSRF-Token": meta("csrf"), "Content-Type": "application/x-www-form-urlencoded" };
  if (ticket) headers["X-Panel"] = ticket;
  return fetch(path, { method: "POST", body: new URLSearchParams(fields), keepalive: lasts, headers });
}

// Hands over a file.
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
