// A drawn journey as a picture: what stands on the page, measured and drawn again as SVG, without what only serves to edit.

const edge = 24;
const titleHeight = 40;
const pngMost = 8192;

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const number = (value) => String(Math.round(value * 10) / 10);

// The lines into which a text is broken where it stands.
function lines(node) {
  const [range, found] = [document.createRange(), []];
  let place = 0;
  for (const sign of node.data) {
    range.setStart(node, place);
    place += sign.length;
    range.setEnd(node, place);
    const box = range.getClientRects()[0];
    if (!box) continue;
    const last = found.at(-1);
    if (last && Math.abs(last.top - box.top) < 3) last.text += sign;
    else found.push({ text: sign, left: box.left, top: box.top, height: box.height });
  }
  return found.filter((line) => line.text.trim());
}

class Sheet {
  constructor(origin) {
    this.origin = origin;
    this.parts = [];
    this.ink = getComputedStyle(document.body).color;
    this.stroke = this.ink;
  }

  x(value) { return number(value - this.origin.left + edge); }
  y(value) { return number(value - this.origin.top + edge + titleHeight); }

  box(found) {
    const [at, style] = [found.getBoundingClientRect(), getComputedStyle(found)];
    const radius = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, at.height / 2);
    const stroke = Number.parseFloat(style.borderTopWidth) ? ` stroke="${style.borderTopColor}"` : "";
    this.parts.push(`<rect x="${this.x(at.left)}" y="${this.y(at.top)}" width="${number(at.width)}" height="${number(at.height)}"` +
      ` rx="${number(radius)}" fill="${style.backgroundColor}"${stroke}/>`);
  }

  path(...points) {
    const told = points.map(([x, y], index) => `${index ? "L" : "M"}${this.x(x)} ${this.y(y)}`).join("");
    this.parts.push(`<path d="${told}" fill="none" stroke="${this.stroke}"/>`);
  }

  words(node) {
    const style = getComputedStyle(node.parentElement);
    for (const line of lines(node)) {
      const base = line.top + line.height * 0.78;
      this.parts.push(`<text x="${this.x(line.left)}" y="${this.y(base)}" font-size="${style.fontSize}"` +
        ` font-weight="${style.fontWeight}" fill="${style.color}">${escaped(line.text)}</text>`);
    }
  }
}

// Lines from card to card, and to the ways of those that have several.
function connect(sheet, root) {
  const middle = (at) => at.left + at.width / 2;
  for (const step of root.querySelectorAll(".flow-step")) {
    const card = step.querySelector(":scope > .flow-card")?.getBoundingClientRect();
    const above = step.previousElementSibling ?? step.parentElement.previousElementSibling?.querySelector(":scope > .flow-step");
    const before = above?.getBoundingClientRect();
    if (card && before) sheet.path([middle(card), before.bottom], [middle(card), card.top]);
    const ways = step.querySelector(":scope > .flow-ways");
    if (!card || !ways) continue;
    const at = ways.getBoundingClientRect();
    if (getComputedStyle(ways).flexDirection === "column") {
      sheet.path([at.left, card.bottom], [at.left, at.bottom]);
      continue;
    }
    sheet.path([middle(card), card.bottom], [middle(card), at.top]);
    const all = [...ways.querySelectorAll(":scope > .flow-way")];
    const [left, right] = [all[0], all.at(-1)].map((way) => middle(way.getBoundingClientRect()));
    sheet.path([left, at.top], [right, at.top]);
    let goesOn = false;
    for (const way of all) {
      const [own, name] = [way.getBoundingClientRect(), way.querySelector(":scope > .flow-name")?.getBoundingClientRect()];
      sheet.path([middle(own), at.top], [middle(own), name?.top ?? own.top]);
      const first = way.querySelector(":scope > .flow .flow-card")?.getBoundingClientRect();
      const last = way.querySelector(":scope > .flow")?.getBoundingClientRect();
      if (first && last) sheet.path([middle(first), last.top], [middle(first), first.top]);
      const end = [...way.querySelectorAll(":scope > .flow > .flow-step")].filter((one) => one.querySelector(":scope > .flow-card")).at(-1);
      if (["exit", "jump"].includes(end?.querySelector(":scope > .flow-card").dataset.kind)) continue;
      goesOn = true;
      const from = end?.getBoundingClientRect().bottom ?? last?.top ?? own.top;
      sheet.path([middle(own), from], [middle(own), at.bottom]);
    }
    if (goesOn) sheet.path([left, at.bottom], [right, at.bottom]);
  }
}

export function picture(scroll, root, title) {
  const before = [root.style.zoom, scroll.classList.contains("flow-list")];
  root.style.zoom = "1";
  scroll.classList.remove("flow-list");
  try {
    const origin = root.getBoundingClientRect();
    const sheet = new Sheet(origin);
    sheet.stroke = getComputedStyle(root.querySelector(".flow-card") ?? root).borderTopColor;
    connect(sheet, root);
    for (const found of root.querySelectorAll(".flow-card, .chip")) sheet.box(found);
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest("select, .problem") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    while (texts.nextNode()) sheet.words(texts.currentNode);
    const [width, height] = [Math.ceil(Math.max(origin.width, root.scrollWidth)) + 2 * edge,
      Math.ceil(origin.height) + 2 * edge + titleHeight];
    const body = getComputedStyle(document.body);
    const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
      ` font-family="${escaped(body.fontFamily)}"><title>${escaped(title)}</title>` +
      `<rect width="100%" height="100%" fill="${body.backgroundColor}"/>` +
      `<text x="${edge}" y="${edge + 16}" font-size="18" font-weight="600" fill="${sheet.ink}">${escaped(title)}</text>` +
      `${sheet.parts.join("")}</svg>`;
    return { text, png: () => png(text, width, height) };
  } finally {
    root.style.zoom = before[0];
    scroll.classList.toggle("flow-list", before[1]);
  }
}

async function png(text, width, height) {
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = Math.min(2, pngMost / Math.max(width, height));
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [Math.round(width * scale), Math.round(height * scale)];
    sheet.getContext("2d").drawImage(image, 0, 0, sheet.width, sheet.height);
    return await new Promise((done) => { sheet.toBlob(done, "image/png"); });
  } finally {
    URL.revokeObjectURL(address);
  }
}
