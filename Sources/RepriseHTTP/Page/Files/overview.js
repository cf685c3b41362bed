// The state of the hub: counted, not listed, so that a million instances cost no more than ten.

import { base, get, query } from "./api.js";
import { clusterView } from "./cluster.js";
import { showDeadLetters } from "./dead.js";
import { cell, link, make, section, table } from "./dom.js";
import { count, many } from "./format.js";
import { poll } from "./poll.js";
import { instanceTable, rowQuery, topLevel } from "./rows.js";

const interval = 2000;
const newestShown = 20;
/** Asking who waits for what costs a question for each running one. */
const newestInterval = 4000;

const tiles = [
  ["Running", ["Running"]],
  ["Waiting", ["Pending", "Suspended"], "waiting=true"],
  ["Failed", ["Failed"]],
  ["Completed", ["Completed"]],
  ["Terminated", ["Terminated", "Canceled"]],
];

export function overviewPage(container) {
  document.title = "Reprise";
  const counts = make("ul", { class: "tiles" });
  const rate = make("p", { class: "rate" });
  const alarm = make("div", { class: "card alarm", role: "alert", hidden: true });
  const queues = make("div");
  const newest = instanceTable("The newest instances");
  let awaiting = 0;
  const cluster = clusterView((partitions) => { awaiting = partitions.reduce((sum, each) => sum + (each.awaitingEvents ?? 0), 0); });
  container.replaceChildren(
    make("h1", { tabindex: "-1" }, "Overview"), counts, rate, alarm,
    section("Newest instances", newest.element),
    make("div", { class: "two" }, section("Activity queues", queues), section("Owners", cluster.element)));

  const fail = (error) => rate.replaceChildren(make("span", { class: "trouble" }, `${error.message} Trying again …`));

  const state = poll(async (isOver) => {
    const { body } = await get("/overview");
    if (isOver()) return;
    showDeadLetters(body.deadLetters);
    counts.replaceChildren(...tiles.map((tile) => tileElement(tile, body.counts, awaiting)));
    rate.replaceChildren(...rateElements(body.rate));
    queues.replaceChildren(queueTable(body.activities));
    const words = (body.activities ?? []).filter(isUnserved).map((queue) => make("p", {}, unserved(queue)));
    if (alarm.textContent !== words.map((each) => each.textContent).join("")) alarm.replaceChildren(...words);
    alarm.hidden = words.length === 0;
  }, interval, fail);

  const newcomers = poll(async (isOver) => {
    const { body } = await get(`${base}/instances${query({ ...rowQuery, filter: topLevel, orderBy: "createdTime desc", top: newestShown })}`);
    if (!isOver()) await newest.show(body, "No instance yet.");
  }, newestInterval, fail);

  return () => {
    state.stop();
    newcomers.stop();
    cluster.stop();
  };
}

/** Tasks that nobody will ever do, unless somebody starts a worker. */
export const isUnserved = ({ waiting, workers }) => waiting > 0 && workers === 0;

export const unserved = ({ name, waiting }) => `No worker serves ${name}: ${many(waiting, "task")} ${waiting === 1 ? "waits" : "wait"}.`;

/** Waiting is also whoever runs and has come to an event: as far as the nodes have the code in memory. */
function tileElement([title, statuses, parameters], counts, awaiting) {
  const present = statuses.filter((status) => counts[status] > 0);
  const forEvents = title === "Waiting" ? Math.min(awaiting, counts.Running ?? 0) : 0;
  const total = present.reduce((sum, status) => sum + counts[status], forEvents);
  const notes = present.some((status) => status !== title) ? present.map((status) => `${count(counts[status])} ${status.toLowerCase()}`) : [];
  if (forEvents > 0) notes.unshift(`${count(forEvents)} running, for an event`);
  return make("li", { class: `tile ${statuses[0]}` },
    link(`/instances?${parameters ?? `runtimeStatus=${statuses.join(",")}`}`, [make("span", { class: "number" }, count(total)), make("span", {}, title)]),
    notes.length > 0 ? make("small", {}, notes.join(", ")) : null);
}

function rateElements({ started, ended, seconds }) {
  const each = (number) => {
    const perSecond = number / seconds;
    return perSecond >= 10 || perSecond === 0 ? count(Math.round(perSecond)) : perSecond.toFixed(perSecond < 1 ? 2 : 1);
  };
  return [
    make("span", {}, make("strong", {}, each(started)), " started a second"), make("span", {}, make("strong", {}, each(ended)), " ended a second"),
    make("small", {}, seconds >= 59 ? "over the last minute" : `over ${count(seconds)} s, since the gateway has been here`),
  ];
}

function queueTable(activities) {
  if (activities === null) return make("p", { class: "empty" }, "The broker does not report what waits for workers.");
  if (activities.length === 0) return make("p", { class: "empty" }, "No activity has been called yet.");
  const busiest = activities.toSorted((a, b) => isUnserved(b) - isUnserved(a) || b.waiting - a.waiting || a.name.localeCompare(b.name));
  return table("What waits in each activity's queue", ["Activity", "Waiting", "Workers"], busiest.map((queue) => make("tr", { class: isUnserved(queue) ? "unserved" : "" },
    make("th", { scope: "row" }, queue.name), cell("Waiting", count(queue.waiting), { class: "number" }),
    cell("Workers", queue.workers > 0 ? count(queue.workers) : "none", { class: "number" }))));
}
