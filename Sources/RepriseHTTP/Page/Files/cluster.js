// Which node owns what.

import { get } from "./api.js";
import { cell, make, table } from "./dom.js";
import { count, duration } from "./format.js";
import { poll } from "./poll.js";

const interval = 5000;

/** onReport(partitions): whenever the nodes have answered. */
export function clusterView(onReport) {
  const element = make("div", {}, make("p", { class: "empty" }, "Asking the nodes …"));
  const looks = poll(async (isOver) => {
    const { body } = await get("/cluster");
    if (isOver()) return;
    onReport(body.partitions);
    element.replaceChildren(nodes(body.nodes, body.partitions), partitions(body.partitions));
  }, interval, (error) => element.replaceChildren(make("p", { class: "empty" }, error.status === 404 ? "This gateway follows no nodes." : error.message)));
  return { element, stop: looks.stop };
}

/** A node that is silent is trouble only while something misses it: no other of its name is back, and partitions have no owner. */
function nodes(all, partitions) {
  const living = new Set(all.filter((node) => !node.missing).map((node) => node.name));
  const isMissed = partitions.some((partition) => partition.owner === null);
  const present = all.filter((node) => !node.missing
    || !(living.has(node.name) || all.some((other) => other.missing && other.name === node.name && other.ageMilliseconds < node.ageMilliseconds)));
  const word = (node) => {
    if (node.missing) return isMissed ? " is missing" : ` was here ${duration(node.ageMilliseconds)} ago`;
    return node.leaving ? " is leaving" : "";
  };
  return make("p", { class: "row nodes" }, present.length === 0 ? make("span", { class: "trouble" }, "There are no nodes.") : present.map((node) =>
    make("span", { class: `tag ${node.missing ? (isMissed ? "trouble" : "empty") : ""}` }, `${node.name}${word(node)}`)));
}

function partitions(all) {
  return table("Partitions and their owners", ["Partition", "Owner", "Standbys", "Backlog", "Troubles"], all.map((partition) => make("tr", {},
    make("th", { scope: "row", "data-label": "Partition" }, String(partition.partition)),
    cell("Owner", partition.owner ?? "nobody", { class: partition.owner ? "" : "trouble" }),
    cell("Standbys", partition.standbys.map((standby) => (standby.lag > 0 ? `${standby.node} (${count(standby.lag)} behind)` : standby.node)).join(", ") || "none"),
    cell("Backlog", partition.backlog === null ? "–" : count(partition.backlog), { class: "number" }),
    cell("Troubles", partition.troubles.map((trouble) => `${trouble.node}: ${trouble.text}`).join("; ") || "none", { class: partition.troubles.length > 0 ? "trouble" : "" }))),
    { class: "cards" });
}
