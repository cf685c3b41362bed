// The state of the hub: counted, not listed, so that a million instances cost no more than ten.

import { get } from "./api.js";
import { clusterView } from "./cluster.js";
import { cell, instanceLink, link, make, section, table } from "./dom.js";
import { brief, clock, count, pill } from "./format.js";
import { bar, progressOf } from "./status.js";

const interval = 2000;

const tiles = [
  ["Running", ["Running"]],
  ["Waiting", ["Pending", "Suspended"]],
  ["Failed", ["Failed"]],
  ["Completed", ["Completed"]],
  ["Terminated", ["Terminated", "Canceled"]],
];

export function overviewPage(container) {
  document.title = "Reprise";
  const counts = make("ul", { class: "tiles" });
  const rate = make("p", { class: "rate" });
  const queues = make("div");
  const newest = make("div");
  const cluster = clusterView();
  container.replaceChildren(
    make("h1", { tabindex: "-1" }, "Overview"), counts, rate,
    make("div", { class: "two" }, section("Activity queues", queues), section("Owners", cluster.element)),
    section("Newest instances", newest));

  let timer = null;
  let isStopped = false;

  async function look() {
    try {
      if (!document.hidden) {
        const { body } = await get("/overview");
        if (isStopped) return;
        counts.replaceChildren(...tiles.map((tile) => tileElement(tile, body.counts)));
        rate.replaceChildren(...rateElements(body.rate));
        queues.replaceChildren(queueTable(body.activities));
        newest.replaceChildren(newestTable(body.instances));
      }
    } catch (error) {
      if (!isStopped) rate.replaceChildren(make("span", { class: "trouble" }, `${error.message} Trying again …`));
    }
    if (!isStopped) timer = setTimeout(look, interval);
  }
  look();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    cluster.stop();
  };
}

function tileElement([title, statuses], counts) {
  const present = statuses.filter((status) => counts[status] > 0);
  const total = present.reduce((sum, status) => sum + counts[status], 0);
  const note = present.some((status) => status !== title) ? present.map((status) => `${count(counts[status])} ${status.toLowerCase()}`).join(", ") : "";
  return make("li", { class: `tile ${statuses[0]}` },
    link(`/instances?runtimeStatus=${statuses.join(",")}`, [make("span", { class: "number" }, count(total)), make("span", {}, title)]),
    note ? make("small", {}, note) : null);
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
  const busiest = activities.toSorted((a, b) => b.waiting - a.waiting || a.name.localeCompare(b.name));
  return table("What waits in each activity's queue", ["Activity", "Waiting", "Workers"], busiest.map((queue) => make("tr", {},
    make("th", { scope: "row" }, queue.name), cell("Waiting", count(queue.waiting), { class: queue.waiting > 0 && queue.workers === 0 ? "number trouble" : "number" }),
    cell("Workers", queue.workers > 0 ? count(queue.workers) : "none", { class: "number" }))));
}

export function customStatusCell(value) {
  const progress = progressOf(value);
  return progress ? bar(progress, "Progress") : brief(value);
}

function newestTable(instances) {
  if (instances.length === 0) return make("p", { class: "empty" }, "No instance yet.");
  return table("The newest instances", ["Instance", "Orchestrator", "Status", "Custom status", "Created"], instances.map((instance) => make("tr", {},
    make("th", { scope: "row" }, instanceLink(instance.instanceId)), cell("Orchestrator", instance.name), cell("Status", pill(instance.runtimeStatus)),
    cell("Custom status", customStatusCell(instance.customStatus), { class: "said" }), cell("Created", clock(instance.createdTime)))), { class: "cards instances" });
}
