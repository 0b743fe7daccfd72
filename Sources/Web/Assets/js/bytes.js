// How long a text is, in bytes as who takes it counts them, said while it is typed.

const encoder = new TextEncoder();

for (const field of document.querySelectorAll("[data-bytes]")) {
  const used = field.parentElement.querySelector("[data-bytes-used]");
  const say = () => {
    const count = encoder.encode(field.value).length;
    used.textContent = count.toLocaleString(document.documentElement.lang);
    used.classList.toggle("problem", count > Number(field.dataset.bytes));
  };
  if (used) field.addEventListener("input", say);
}
