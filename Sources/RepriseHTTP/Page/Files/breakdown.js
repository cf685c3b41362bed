// Counts by any field or path, as bars: the largest first, each a link to those it counts.

import { get, query } from "./api.js";
import { button, make, section } from "./dom.js";
import { count, cut } from "./format.js";

const mostBars = 12;

/** choose(field, value): narrows the list to one bar. */
export function breakdown(asked, field, choose) {
  const bars = make("ol", { class: "plain bars" });
  const element = section(`By ${field}`, bars);
  element.hidden = true;
  return {
    element,
    async look(signal) {
      if (!field) return;
      element.hidden = false;
      try {
        const { body } = await get(`/counts${query({ ...asked, groupBy: field })}`, { signal });
        bars.replaceChildren(...barsOf(body, field, choose));
      } catch (error) {
        if (error.name === "AbortError") return;
        const isUnknown = error.message.startsWith("groupBy cannot be read");
        bars.replaceChildren(make("li", { class: "trouble" }, isUnknown ? "There is no such field or path: name, runtimeStatus, tags.team, customStatus.stage …" : error.message));
      }
    },
  };
}

function barsOf({ total, groups }, field, choose) {
  const shown = groups.slice(0, mostBars);
  const largest = Math.max(1, ...shown.map((group) => group.count));
  const rest = total - shown.reduce((sum, group) => sum + group.count, 0);
  const lines = shown.map((group) => {
    const word = group.isMissing ? "none" : cut(typeof group.value === "string" ? group.value : JSON.stringify(group.value), 80);
    const isOne = !group.isMissing && (group.value === null || typeof group.value !== "object");
    return make("li", {}, isOne ? button(word, () => choose(field, group.value), { class: "link" }) : make("span", { class: "empty" }, word),
      make("progress", { max: largest, value: group.count, "aria-label": word }), make("span", { class: "number" }, count(group.count)));
  });
  if (rest > 0) lines.push(make("li", {}, make("span", { class: "empty" }, "others"), make("progress", { max: largest, value: Math.min(rest, largest), "aria-label": "others" }), make("span", { class: "number" }, count(rest))));
  if (lines.length === 0) lines.push(make("li", { class: "empty" }, "Nothing to count."));
  return lines;
}
