// Instances as rows of a table: what each says, why it failed or what it waits for, and its children, folded.

import { base, get, getIfThere, query } from "./api.js";
import { button, cell, instanceLink, make, table } from "./dom.js";
import { clock, count, cut, pill, zone } from "./format.js";
import { statusLine } from "./status.js";

/** What is asked of every list of instances: short rows, and what the running ones wait for. */
export const rowQuery = { showInput: "false", showWaitingFor: "true" };

/** Only those that no orchestration has called. */
export const topLevel = "not parentInstanceId exists";

export const both = (one, other) => (one && other ? `(${one}) and ${other}` : one || other);

/** Far below the limits of a filter: 100 values, 4,096 bytes. */
const idsAtATime = 25;
const bytesAtATime = 3500;
const mostChildren = 100;

/** How many children each of these has, by id; those without are not in it, nor those that the gateway is too busy to count. */
async function childCounts(ids, signal) {
  const counts = new Map();
  for (const names of portions(ids)) {
    try {
      const answer = await getIfThere(`/counts${query({ groupBy: "parentInstanceId", filter: `parentInstanceId in (${names.join(", ")})` })}`, { signal });
      for (const group of answer?.body.groups ?? []) counts.set(group.value, group.count);
    } catch (error) {
      if (error.name === "AbortError") throw error;
    }
  }
  return counts;
}

function portions(ids) {
  const all = [];
  let room = 0;
  for (const id of ids) {
    const name = JSON.stringify(id);
    // A letter outside ASCII takes up to three bytes, in the address nine.
    const size = 3 * name.length;
    if (all.length === 0 || size > room || all.at(-1).length === idsAtATime) {
      all.push([]);
      room = bytesAtATime;
    }
    all.at(-1).push(name);
    room -= size;
  }
  return all;
}

/**
 * A table that is kept: `show` puts other instances into it, and what was unfolded stays unfolded.
 * `rows` are those shown, by id.
 */
export function instanceTable(caption, { folds = true } = {}) {
  const opened = new Set();
  const element = make("div");
  let rows = new Map();

  async function familyOf(instances, depth, signal, into) {
    const counts = !folds ? new Map() : await childCounts(instances.map((instance) => instance.instanceId), signal);
    const lines = [];
    for (const instance of instances) {
      const id = instance.instanceId;
      const line = row(instance, depth, counts.get(id) ?? 0, opened.has(id), toggle);
      into.set(id, line);
      lines.push(line.element);
      if (opened.has(id) && counts.has(id)) lines.push(...await childrenOf(id, depth + 1, signal, into));
    }
    return lines;
  }

  async function childrenOf(id, depth, signal, into) {
    const { body, headers } = await get(`${base}/instances${query({ ...rowQuery, parentInstanceId: id, orderBy: "createdTime", top: mostChildren })}`, { signal });
    const lines = await familyOf(body, depth, signal, into);
    if (headers.get("x-ms-continuation-token")) lines.push(make("tr", { class: `depth-${Math.min(depth, 4)}` }, make("td", { colspan: 6, class: "empty" }, "There are more children, on the page of their parent.")));
    return lines;
  }

  async function toggle(line, id, depth) {
    if (opened.delete(id)) {
      let next = line.element.nextElementSibling;
      while (next && depthOf(next) > depth) {
        const gone = next;
        next = next.nextElementSibling;
        gone.remove();
      }
      return line.fold(false);
    }
    opened.add(id);
    line.fold(true);
    try {
      const lines = await childrenOf(id, depth + 1, undefined, rows);
      if (opened.has(id)) line.element.after(...lines);
    } catch {
      opened.delete(id);
      line.fold(false);
    }
  }

  return {
    element,
    get rows() { return rows; },
    /** nothing: what is said when there are none. */
    async show(instances, nothing, signal) {
      const news = new Map();
      const lines = await familyOf(instances, 0, signal, news);
      if (signal?.aborted) return;
      rows = news;
      element.replaceChildren(instances.length === 0 ? make("p", { class: "empty" }, nothing)
        : table(caption, ["Instance", "Orchestrator", "Status", "What it says", `Created (${zone()})`, `Updated (${zone()})`], lines, { class: "instances" }));
    },
  };
}

export const family = (children) => (children === 1 ? "1 child" : `${count(children)} children`);

const depthOf = (line) => Number(/depth-(\d)/.exec(line.className)?.[1] ?? 0);

function row(instance, depth, children, isOpen, toggle) {
  const id = instance.instanceId;
  const status = cell("Status", pill(instance.runtimeStatus));
  const said = cell("What it says", saidOf(instance), { class: "said" });
  const updated = cell("Updated", clock(instance.lastUpdatedTime), { class: "updated" });
  const fold = children > 0 ? button("", () => toggle(line, id, depth), { class: "fold" }) : null;
  const line = {
    element: make("tr", { class: depth > 0 ? `child depth-${Math.min(depth, 4)}` : "" },
      make("th", { scope: "row" }, fold, instanceLink(id)), cell("Orchestrator", instance.name, { class: "name" }), status, said,
      cell("Created", clock(instance.createdTime), { class: "created" }), updated),
    change({ runtimeStatus, customStatus, failure, output, time }) {
      status.replaceChildren(pill(runtimeStatus));
      said.replaceChildren(...saidOf({ runtimeStatus, customStatus, output: failure ? `${failure.type}: ${failure.message}` : output }));
      updated.replaceChildren(clock(time));
    },
    fold(isUnfolded) {
      if (!fold) return;
      fold.textContent = `${isUnfolded ? "▾" : "▸"} ${count(children)}`;
      fold.setAttribute("aria-expanded", String(isUnfolded));
      fold.setAttribute("aria-label", `${family(children)} of ${id}`);
      fold.title = family(children);
    },
  };
  line.fold(isOpen);
  return line;
}

/**
 * What is at the bottom of a failure: "the bank is closed (BankClosed in ChargeCard)" of "SubOrchestrationFailed: The
 * sub-orchestration 'TakePayment' failed: The activity 'ChargeCard' failed: the bank is closed (caused by …)". A text
 * that reads otherwise is shown as it is.
 */
function reasonOf(text) {
  const [, where, message, causes] = /^[^:]+: ((?:The [a-z-]+ '[^']*' failed: )+)(.*?)((?: ?\(caused by [^()]*\)?)*)\)*$/s.exec(text) ?? [];
  const type = causes?.match(/caused by ([^:()]+)/g)?.at(-1).slice("caused by ".length);
  return type ? `${message} (${type} in ${where.match(/'([^']*)' failed: $/)[1]})` : text;
}

/** Its custom status, and under it why it failed or what it waits for. */
function saidOf({ runtimeStatus, customStatus, output, waitingFor }) {
  const parts = [statusLine(customStatus)];
  if (runtimeStatus === "Failed" && typeof output === "string") parts.push(make("span", { class: "why trouble", title: cut(output, 2000) }, cut(reasonOf(output), 240)));
  else if (runtimeStatus === "Terminated" && output) parts.push(make("span", { class: "why" }, cut(String(output), 240)));
  else if (waitingFor?.length > 0) parts.push(make("span", { class: "why waits" }, `waits for ${[...new Set(waitingFor)].join(", ")}`));
  return parts;
}
