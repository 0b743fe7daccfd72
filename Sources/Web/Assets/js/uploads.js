// Uploads: the file goes as it is, with progress; the answer says where to go on.

import { meta, whenShown, words } from "./page.js";

whenShown((within) => {
  for (const form of within.querySelectorAll("form[data-upload]:not([data-found])")) {
    form.dataset.found = "";
    begin(form);
  }
});

function begin(form) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector(".drop");
  const bar = form.querySelector("progress");
  const problem = form.querySelector(".problem");
  input.addEventListener("change", () => input.files[0] && send(input.files[0]));
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("drop-over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files[0]) send(event.dataTransfer.files[0]);
    });
  }
  function send(file) {
    const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    const request = new XMLHttpRequest();
    const asked = new URLSearchParams([["name", file.name], ...fields]);
    request.open("POST", `${form.getAttribute("action")}?${asked}`);
    request.setRequestHeader("X-CSRF-Token", meta("csrf"));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    bar.hidden = false;
    problem.textContent = "";
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    request.onerror = () => { problem.textContent = words.offline; bar.hidden = true; };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
      if (request.status === 200 && answer.location) window.location.href = answer.location;
      else { problem.textContent = answer.message ?? words.failed; bar.hidden = true; }
    };
    request.send(file);
  }
}
