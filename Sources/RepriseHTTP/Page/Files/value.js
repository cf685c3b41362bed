// A JSON value as a tree that can be expanded and collapsed. Large values are shown in parts.

import { button, make } from "./dom.js";
import { count } from "./format.js";
import { bar, progressOf } from "./status.js";

const mostEntries = 100;
const mostCharacters = 2000;
const openDepth = 2;

export function tree(value, depth = 0) {
  return isContainer(value) ? list(value, depth) : scalar(value);
}

const isContainer = (value) => value !== null && typeof value === "object" && Object.keys(value).length > 0;

function scalar(value) {
  if (typeof value === "string") return text(value);
  return make("span", { class: value === null ? "null" : typeof value }, JSON.stringify(value));
}

function text(value) {
  if (value === "") return make("span", { class: "null" }, "“”");
  if (value.length <= mostCharacters) return make("span", { class: "string" }, value);
  const element = make("span", { class: "string" }, `${value.slice(0, mostCharacters)} … `);
  element.append(button(`Show all ${count(value.length)} characters`, () => element.replaceChildren(value)));
  return element;
}

function list(value, depth) {
  const entries = Object.entries(value);
  const items = make("ul", { class: "tree" });
  const more = (from) => {
    items.append(...entries.slice(from, from + mostEntries).map(([key, each]) => entry(key, each, depth)));
    const left = entries.length - from - mostEntries;
    if (left <= 0) return;
    const item = make("li", {}, button(`Show ${count(Math.min(left, mostEntries))} of ${count(left)} more`, () => {
      item.remove();
      more(from + mostEntries);
    }));
    items.append(item);
  };
  more(0);
  return items;
}

function entry(key, value, depth) {
  const name = make("span", { class: "key" }, key);
  if (!isContainer(value)) return make("li", {}, name, " ", scalar(value));
  const size = Object.keys(value).length;
  const progress = progressOf(value);
  const details = make("details", { open: depth + 1 < openDepth },
    make("summary", {}, name, " ", make("small", {}, Array.isArray(value) ? `[${count(size)}]` : `{${count(size)}}`),
      progress && bar(progress, key)));
  const fill = () => { if (details.open && details.childElementCount === 1) details.append(list(value, depth + 1)); };
  details.addEventListener("toggle", fill);
  fill();
  return make("li", {}, details);
}
