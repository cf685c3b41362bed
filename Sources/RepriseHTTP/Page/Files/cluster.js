// Which node owns what.

import { get } from "./api.js";
import { cell, make, table } from "./dom.js";
import { count } from "./format.js";

const interval = 5000;

export function clusterView() {
  const element = make("div", {}, make("p", { class: "empty" }, "Asking the nodes …"));
  let timer = null;
  let isStopped = false;

  async function look() {
    try {
      if (!document.hidden) {
        const { body } = await get("/cluster");
        if (!isStopped) element.replaceChildren(nodes(body.nodes), partitions(body.partitions));
      }
    } catch (error) {
      if (!isStopped) element.replaceChildren(make("p", { class: "empty" }, error.status === 404 ? "This gateway follows no nodes." : error.message));
    }
    if (!isStopped) timer = setTimeout(look, interval);
  }
  look();

  return {
    element,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function nodes(all) {
  const word = (node) => (node.missing ? " is missing" : node.leaving ? " is leaving" : "");
  return make("p", { class: "row nodes" }, all.length === 0 ? "There are no nodes." : all.map((node) =>
    make("span", { class: `tag ${node.missing ? "trouble" : ""}` }, `${node.name}${word(node)}`)));
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
