// A history as a Gantt chart, which is a table: one row for each span, its bar in the last column.

import { button, make } from "./dom.js";
import { clock, count, duration } from "./format.js";
import { spansOf } from "./history.js";
import { tree } from "./value.js";

const rowsAtATime = 200;
const kinds = { activity: "activity", child: "child", entity: "entity", timer: "timer", event: "event", sent: "sent", suspended: "pause", rewound: "rewind" };
const states = { open: "", done: "done", failed: "failed", canceled: "canceled", moment: "", suspended: "" };
const told = { Input: "Input", Result: "Result", Reason: "Reason", FireAt: "Due at", InstanceId: "Instance", FailureDetails: "Failure", Details: "Details" };

export function gantt() {
  const body = make("tbody");
  const scale = make("th", { scope: "col", class: "scale" });
  const chart = make("table", { class: "gantt" },
    make("caption", { class: "unseen" }, "Activities, timers, events and children, in the order they began"),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "What"), make("th", { scope: "col" }, "Took"), scale)), body);
  const more = button("", () => {
    limit += rowsAtATime;
    draw();
  }, { hidden: true });
  const empty = make("p", { class: "empty" }, "Nothing has been scheduled yet.");
  const rows = new Map();
  let limit = rowsAtATime;
  let events = [];

  function draw() {
    const now = Date.now();
    const { spans, start, end } = spansOf(events, now);
    const until = Math.max(end ?? now, start + 1, ...spans.slice(0, limit).map((span) => span.end ?? now));
    const shown = spans.slice(0, limit);
    scale.replaceChildren(make("span", {}, "0"), make("span", {}, duration((until - start) / 2)), make("span", {}, duration(until - start)));
    const present = new Set(shown.map((span) => span.key));
    for (const [key, row] of rows) {
      if (present.has(key)) continue;
      row.element.remove();
      rows.delete(key);
    }
    shown.forEach((span, index) => {
      const row = rows.get(span.key) ?? newRow(span.key);
      row.show(span, start, until, now);
      if (body.children[index] !== row.element) body.insertBefore(row.element, body.children[index] ?? null);
    });
    more.hidden = spans.length <= limit;
    more.textContent = `Show ${count(Math.min(rowsAtATime, spans.length - limit))} of ${count(spans.length - limit)} more`;
    chart.hidden = spans.length === 0;
    empty.hidden = spans.length > 0;
  }

  function newRow(key) {
    const row = ganttRow();
    rows.set(key, row);
    return row;
  }

  return {
    element: make("div", {}, empty, chart, more),
    show(news) {
      events = news;
      draw();
    },
    /** What is still running grows with time. */
    tick: () => { if (events.length > 0) draw(); },
  };
}

function ganttRow() {
  const summary = make("summary");
  const details = make("details", {}, summary);
  const took = make("td", { class: "took", "data-label": "Took" });
  const mark = make("span", { class: "mark" });
  const element = make("tr", {}, make("th", { scope: "row" }, details), took, make("td", { class: "lane" }, make("span", { class: "track" }, mark)));
  let shown = null;
  const fill = () => {
    if (details.open && details.childElementCount === 1) details.append(detailsOf(shown));
  };
  details.addEventListener("toggle", fill);
  return {
    element,
    show(span, start, until, now) {
      const isNew = shown === null || shown.state !== span.state;
      shown = span;
      if (isNew) {
        summary.replaceChildren(make("span", { class: `kind ${span.kind}` }, kinds[span.kind]), " ", span.name);
        details.querySelector(".facts")?.remove();
        fill();
        mark.className = `mark ${span.kind} ${span.state}`;
      }
      const end = span.end ?? now;
      const word = states[span.state];
      took.textContent = span.state === "moment" ? "" : `${duration(end - span.start)}${span.state === "open" ? " so far" : word && word !== "done" ? `, ${word}` : ""}`;
      mark.style.setProperty("left", `${(100 * (span.start - start)) / (until - start)}%`);
      mark.style.setProperty("width", `${(100 * (end - span.start)) / (until - start)}%`);
    },
  };
}

function detailsOf(span) {
  const facts = make("dl", { class: "facts" }, make("dt", {}, "Began"), make("dd", {}, clock(span.start)));
  for (const [name, label] of Object.entries(told)) {
    const value = span.details[name];
    if (value !== undefined && value !== null) facts.append(make("dt", {}, label), make("dd", {}, tree(value, 1)));
  }
  return facts;
}
