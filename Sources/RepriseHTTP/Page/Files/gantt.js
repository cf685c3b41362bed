// A history as a Gantt chart, which is a table: one row for each span, its bar in the last column.

import { button, instanceLink, make } from "./dom.js";
import { clock, count, duration, isEnded, moment, pill } from "./format.js";
import { ends, spansOf } from "./history.js";
import { statusLine } from "./status.js";
import { tree } from "./value.js";

const rowsAtATime = 200;
const kinds = { activity: "activity", child: "child", entity: "entity", timer: "timer", event: "event", sent: "sent", suspended: "pause", cancel: "cancel", rewound: "rewind" };
const states = { failed: "failed", canceled: "canceled", terminated: "terminated", left: "never ended" };
const told = { Input: "Input", Result: "Result", Reason: "Reason", InstanceId: "Instance", LockSet: "Entities", FailureDetails: "Failure", Details: "Details" };

export function gantt() {
  const body = make("tbody");
  const scale = make("th", { scope: "col", class: "scale" });
  const chart = make("table", { class: "gantt", id: "history" },
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
  let known = {};

  function draw() {
    const now = Date.now();
    const { spans, start, end } = spansOf(events, now, known);
    const until = Math.max(end ?? now, start + 1, ...spans.slice(0, limit).map((span) => span.end ?? now));
    const shown = spans.slice(0, limit);
    showScale(scale, until - start);
    const present = new Set(shown.map((span) => span.key));
    for (const [key, row] of rows) {
      if (present.has(key)) continue;
      row.element.remove();
      rows.delete(key);
    }
    shown.forEach((span, index) => {
      const row = rows.get(span.key) ?? newRow(span.key);
      row.show(span, start, until, now, known.unserved ?? new Set());
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
    /** about: what the code waits for, its children by id, and the activities that no worker serves. */
    show(news, about = known) {
      events = news;
      known = about;
      draw();
    },
    /** What is still running grows with time. */
    tick: () => { if (events.length > 0) draw(); },
  };
}

function showScale(scale, length) {
  scale.replaceChildren(make("span", {}, "0"), make("span", {}, duration(length / 2)), make("span", {}, duration(length)));
}

function place(mark, from, to, start, until) {
  mark.style.setProperty("left", `${(100 * (from - start)) / (until - start)}%`);
  mark.style.setProperty("width", `${(100 * (to - from)) / (until - start)}%`);
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
    show(span, start, until, now, unserved) {
      const isUnserved = span.kind === "activity" && span.state === "open" && unserved.has(span.name);
      const isNew = shown === null || shown.state !== span.state || shown.isUnserved !== isUnserved;
      shown = { ...span, isUnserved };
      if (isNew) {
        summary.replaceChildren(make("span", { class: `kind ${span.kind}` }, kinds[span.kind]), " ", span.name, ...(span.due ? [" ", clock(span.due)] : []),
          ...(span.whom ? [make("small", { class: "whom" }, ` ${span.whom}`)] : []), ...(isUnserved ? [make("span", { class: "trouble" }, " no worker")] : []));
        details.querySelector(".facts")?.remove();
        fill();
        mark.className = `mark ${span.kind} ${span.state}`;
      }
      const end = span.end ?? now;
      took.textContent = tookWords(span, end, now);
      took.classList.toggle("trouble", span.isLate === true || isUnserved);
      place(mark, span.start, end, start, until);
    },
  };
}

function tookWords(span, end, now) {
  if (span.state === "moment") return "";
  const length = duration(end - span.start);
  if (span.isLate) return `${duration(now - span.due)} late`;
  if (span.state === "open") return span.due ? `${duration(span.due - now)} left` : `${length} so far`;
  return states[span.state] ? `${length}, ${states[span.state]}` : length;
}

function detailsOf(span) {
  const facts = make("dl", { class: "facts" }, make("dt", {}, "Began"), make("dd", {}, moment(span.start)));
  if (span.end !== null && span.state !== "moment") facts.append(make("dt", {}, "Ended"), make("dd", {}, moment(span.end)));
  if (span.due) facts.append(make("dt", {}, "Due"), make("dd", {}, moment(span.due)));
  for (const [name, label] of Object.entries(told)) {
    const value = span.details[name];
    if (value === undefined || value === null) continue;
    const isChild = name === "InstanceId" && span.kind === "child" && typeof value === "string";
    facts.append(make("dt", {}, label), make("dd", {}, isChild ? instanceLink(value) : tree(value, 1)));
  }
  return facts;
}

/** A family as a tree whose rows are a Gantt chart: when each began and how long it took, under whoever called it. */
export function familyChart() {
  const body = make("tbody");
  const scale = make("th", { scope: "col", class: "scale" });
  const element = make("table", { class: "gantt family" },
    make("caption", { class: "unseen" }, "Sub-orchestrations, under those that called them"),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Child"), make("th", { scope: "col" }, "Took"), scale)), body);
  let root = null;

  function draw() {
    const now = Date.now();
    const end = (each) => (isEnded(each.runtimeStatus) ? new Date(each.lastUpdatedTime).getTime() : now);
    const members = [];
    const collect = (children, depth) => children.forEach((child) => {
      members.push([child, depth]);
      collect(child.children ?? [], depth + 1);
    });
    collect(root.children, 0);
    const start = new Date(root.createdTime).getTime();
    const until = Math.max(start + 1, end(root), ...members.map(([child]) => end(child)));
    showScale(scale, until - start);
    body.replaceChildren(...members.map(([child, depth]) => {
      const mark = make("span", { class: `mark child ${ends[child.runtimeStatus] ?? "open"}` });
      const from = new Date(child.createdTime).getTime();
      place(mark, from, end(child), start, until);
      return make("tr", { class: `depth-${Math.min(depth, 4)}` },
        make("th", { scope: "row" }, pill(child.runtimeStatus), " ", instanceLink(child.instanceId), ` ${child.name} `, make("span", { class: "said" }, statusLine(child.customStatus))),
        make("td", { class: "took" }, `${duration(end(child) - from)}${isEnded(child.runtimeStatus) ? "" : " so far"}`),
        make("td", { class: "lane" }, make("span", { class: "track" }, mark)));
    }));
  }

  return {
    element,
    show(family) {
      root = family;
      draw();
    },
    tick: () => { if (root) draw(); },
  };
}
