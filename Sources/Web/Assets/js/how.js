// An explanation opens beside the mark that it explains.

document.addEventListener("toggle", (event) => {
  const text = event.target;
  if (!(text instanceof HTMLElement) || !text.matches(".how-text") || event.newState !== "open") return;
  const mark = document.querySelector(`[popovertarget="${text.id}"]`)?.getBoundingClientRect();
  if (!mark) return;
  const left = Math.max(8, Math.min(mark.left - 12, window.innerWidth - text.offsetWidth - 8));
  const below = mark.bottom + 6;
  const fits = below + text.offsetHeight < window.innerHeight - 8;
  text.style.left = `${left}px`;
  text.style.top = `${fits ? below : Math.max(8, mark.top - text.offsetHeight - 6)}px`;
}, true);
