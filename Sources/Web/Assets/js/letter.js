// The preview beside a template follows what is typed, and shows it as another person, on a phone or at night, without saving.
// Each answer comes in a frame of its own, so that the way back stays the one between pages.

const quietMilliseconds = 700;

for (const side of document.querySelectorAll("[data-letter]")) follow(side, document.getElementById("editor"));

function follow(side, form) {
  const place = side.querySelector(".letter-place");
  const asking = side.querySelector("form");
  const looks = [...side.querySelectorAll("[data-look]")];
  let [timer, number] = [0, 0];
  if (!form || !form.elements.csrf) return;

  // What is posted beside the fields of the editor, by a button that nobody sees.
  const extra = (name) => {
    const field = document.createElement("input");
    [field.type, field.name, field.disabled] = ["hidden", name, true];
    form.append(field);
    return field;
  };
  const [person, look] = [extra("person"), extra("look")];
  const button = document.createElement("button");
  [button.hidden, button.formNoValidate] = [true, true];
  button.formAction = side.dataset.letter;
  form.append(button);

  function refresh() {
    clearTimeout(timer);
    const before = place.querySelector("iframe:last-child");
    const frame = document.createElement("iframe");
    const chosen = asking.elements.look.value;
    [frame.title, frame.name] = [before.title, `letter-${number += 1}`];
    frame.className = `letter-frame letter-${chosen} letter-coming`;
    frame.setAttribute("sandbox", "");
    place.append(frame);
    frame.addEventListener("load", () => {
      frame.classList.remove("letter-coming");
      for (const other of place.querySelectorAll("iframe")) if (other !== frame && !other.matches(".letter-coming")) other.remove();
    });
    [person.disabled, look.disabled] = [false, false];
    [person.value, look.value] = [asking.elements.person.value, chosen];
    button.formTarget = frame.name;
    form.requestSubmit(button);
    [person.disabled, look.disabled] = [true, true];
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, quietMilliseconds);
  });
  asking.addEventListener("submit", (event) => { event.preventDefault(); refresh(); });
  for (const link of looks) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      asking.elements.look.value = link.dataset.look;
      for (const other of looks) other.toggleAttribute("aria-current", false);
      link.setAttribute("aria-current", "page");
      refresh();
    });
  }
}
