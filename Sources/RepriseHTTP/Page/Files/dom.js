// Elements are created only here, and text is inserted as text: nothing that an instance says becomes markup.

/** make("a", { href: "#/", class: "x", onclick: f }, "text", element, null, [more]) */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export const find = (selector) => document.querySelector(selector);

/** A link to one of our pages: the address begins with what we choose, whatever the rest is. */
export const link = (hash, text, attributes = {}) => make("a", { ...attributes, href: `#${hash}` }, text);

export const instanceLink = (id) => link(`/instances/${encodeURIComponent(id)}`, id, { class: "id" });

export const button = (text, act, attributes = {}) => make("button", { type: "button", ...attributes, onclick: act }, text);

/** A table cell that knows its column's name, for narrow screens. */
export const cell = (label, content, attributes = {}) => make("td", { ...attributes, "data-label": label }, content);

export function table(caption, titles, rows, attributes = {}) {
  return make("table", attributes,
    make("caption", { class: "unseen" }, caption),
    make("thead", {}, make("tr", {}, titles.map((title) => make("th", { scope: "col" }, title)))),
    make("tbody", {}, rows));
}

export function section(title, ...content) {
  return make("section", {}, make("h2", {}, title), content);
}

/** Shows a message for a while at the foot of the page, also to screen readers. */
export function notify(text, isTrouble = false) {
  const notice = find("#notice");
  notice.textContent = text;
  notice.className = isTrouble ? "trouble" : "";
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => { notice.textContent = ""; }, isTrouble ? 12000 : 5000);
}

/** For screen readers only: the page shows it anyway. */
export function announce(text) {
  const place = find("#announcement");
  if (place.textContent !== text) place.textContent = text;
}
