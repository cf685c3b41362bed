// A custom status by its kind: nothing, a text, a number out of a total, or anything else as a tree.

import { make } from "./dom.js";
import { brief, count } from "./format.js";
import { tree } from "./value.js";

const totals = ["total", "of", "outof", "max", "goal"];
const parts = ["done", "completed", "processed", "finished", "current", "progress", "position", "step", "count", "value"];
const percents = ["percent", "percentage"];

/** { done, total, rest } when the object has a number out of a total, else null; as in `reprise watch`. */
export function progressOf(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const keys = Object.keys(value);
  const number = (names) => {
    for (const name of names) {
      const key = keys.find((each) => each.toLowerCase() === name && Number.isFinite(value[each]) && value[each] >= 0);
      if (key !== undefined) return key;
    }
    return null;
  };
  const without = (...used) => Object.fromEntries(Object.entries(value).filter(([key]) => !used.includes(key)));
  const total = number(totals);
  const others = keys.filter((key) => key !== total && Number.isFinite(value[key]) && value[key] >= 0);
  // Whatever it is called, if there is only one.
  const done = number(parts) ?? (others.length === 1 ? others[0] : null);
  if (total !== null && done !== null && value[total] > 0) {
    return { done: value[done], total: value[total], rest: without(total, done) };
  }
  const percent = number(percents);
  return percent === null ? null : { done: value[percent], total: 100, rest: without(percent) };
}

const amount = ({ done, total }) => (total === 100 ? `${count(done)} %` : `${count(done)} of ${count(total)}`);

export function bar({ done, total }, label) {
  return make("span", { class: "progress" },
    make("progress", { max: total, value: Math.min(done, total), "aria-label": label }), " ", make("span", {}, amount({ done, total })));
}

export function statusElement(value) {
  if (value === null || value === undefined) return make("p", { class: "empty" }, "None.");
  const progress = progressOf(value);
  if (progress) {
    const hasMore = Object.keys(progress.rest).length > 0;
    return make("div", {}, bar(progress, "Progress"), hasMore ? tree(progress.rest) : null);
  }
  if (typeof value === "object") return tree(value);
  return make("p", { class: "big" }, tree(value));
}

/** In one line, with nothing left out that stands beside the number: "1 of 2 · stage: packing". */
export function statusWords(value, length) {
  const progress = progressOf(value);
  if (!progress) return brief(value, length);
  return [amount(progress), brief(progress.rest, length)].filter((each) => each !== "").join(" · ");
}

/** The same line with a bar, for lists and timelines. */
export function statusLine(value) {
  const progress = progressOf(value);
  if (!progress) return make("span", { class: "custom" }, brief(value));
  const rest = brief(progress.rest);
  return make("span", { class: "custom" }, bar(progress, "Progress"), rest === "" ? null : ` · ${rest}`);
}
