// Instances, a page at a time, by any filter and order; those shown are updated live.

import { base, get, getIfThere, query } from "./api.js";
import { button, cell, instanceLink, make, table } from "./dom.js";
import { clock, count, many, pill } from "./format.js";
import { customStatusCell } from "./overview.js";

const pageSize = 50;
const runtimeStatuses = ["Running", "Pending", "Suspended", "ContinuedAsNew", "Completed", "Failed", "Canceled", "Terminated"];
const orders = [
  ["createdTime desc", "newest first"], ["createdTime", "oldest first"], ["lastUpdatedTime desc", "changed last"],
  ["instanceId", "by id"], ["name", "by orchestrator"],
];
/** With more changes per second than this, the page is refetched from time to time instead. */
const busy = 100;

export function listPage(container, { parameters, go }) {
  document.title = "Instances – Reprise";
  const asked = {
    filter: parameters.get("filter") ?? "",
    runtimeStatus: parameters.get("runtimeStatus") ?? "",
    name: parameters.get("name") ?? "",
    instanceIdPrefix: parameters.get("instanceIdPrefix") ?? "",
    orderBy: parameters.get("orderBy") ?? "createdTime desc",
  };
  const summary = make("p", { class: "summary", role: "status" });
  const results = make("div", { class: "card" });
  const previous = button("Previous", () => turn(-1), { disabled: true });
  const next = button("Next", () => turn(1), { disabled: true });
  container.replaceChildren(
    make("h1", { tabindex: "-1" }, "Instances"),
    filterForm(asked, (values) => go(`/instances${query(values)}`)),
    summary, results, make("nav", { class: "row", "aria-label": "Pages of the list" }, previous, next));

  const tokens = [""];
  let place = 0;
  let rows = new Map();
  let timer = null;
  let stream = null;
  let isStopped = false;
  let abort = new AbortController();

  async function look() {
    clearTimeout(timer);
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    try {
      const { body, headers } = await get(`${base}/instances${query({ ...asked, showInput: "false", top: pageSize })}`, {
        headers: tokens[place] ? { "x-ms-continuation-token": tokens[place] } : {}, signal,
      });
      if (isStopped) return;
      const token = headers.get("x-ms-continuation-token") ?? "";
      tokens.length = place + 1;
      if (token) tokens.push(token);
      previous.disabled = place === 0;
      next.disabled = !token;
      show(body);
      await countAll(signal);
    } catch (error) {
      if (isStopped || error.name === "AbortError") return;
      results.replaceChildren(make("p", { class: "trouble", role: "alert" }, error.message));
      summary.textContent = "";
      if (error.status === 400) return;
    }
    // New and purged instances are seen by refetching; those shown update by themselves.
    if (!isStopped) timer = setTimeout(() => (document.hidden ? lookLater() : look()), stream ? 10000 : 3000);
  }

  function lookLater() {
    if (!isStopped) timer = setTimeout(() => (document.hidden ? lookLater() : look()), 3000);
  }

  function turn(step) {
    place += step;
    look();
  }

  function show(instances) {
    rows = new Map(instances.map((instance) => [instance.instanceId, row(instance)]));
    results.replaceChildren(instances.length === 0
      ? make("p", { class: "empty" }, "No instance matches.")
      : table("Instances", ["Instance", "Orchestrator", "Status", "Custom status", "Created", "Updated"], [...rows.values()].map((each) => each.element), { class: "cards instances" }));
  }

  async function countAll(signal) {
    const { orderBy, ...rest } = asked;
    const answer = await getIfThere(`/counts${query({ ...rest, groupBy: "runtimeStatus" })}`, { signal });
    if (!answer || isStopped) return;
    const { total, groups } = answer.body;
    summary.textContent = `${many(total, "instance")}${groups.length > 1 ? `: ${groups.map((group) => `${count(group.count)} ${group.value}`).join(", ")}` : ""}`;
  }

  function listen() {
    let inThisSecond = 0;
    let second = 0;
    stream = new EventSource(`/status-stream${query({ filter: asked.filter, name: asked.name, instanceIdPrefix: asked.instanceIdPrefix })}`);
    stream.onmessage = (event) => {
      const now = Math.floor(performance.now() / 1000);
      inThisSecond = now === second ? inThisSecond + 1 : 1;
      second = now;
      if (inThisSecond > busy) return deafen();
      const change = JSON.parse(event.data);
      const known = rows.get(change.instanceId);
      if (known) known.change(change);
      else if (place === 0 && change.version === 1) lookOnce();
    };
    stream.onerror = () => { if (stream?.readyState === EventSource.CLOSED) deafen(); };
  }

  function deafen() {
    stream?.close();
    stream = null;
  }

  /** Refetches for new instances, at most every second. */
  function lookOnce() {
    clearTimeout(timer);
    timer = setTimeout(look, 1000);
  }

  const onVisibility = () => {
    if (document.hidden) deafen();
    else {
      listen();
      look();
    }
  };
  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) listen();
  look();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    abort.abort();
    deafen();
    document.removeEventListener("visibilitychange", onVisibility);
  };
}

function row(instance) {
  const status = cell("Status", pill(instance.runtimeStatus));
  const custom = cell("Custom status", customStatusCell(instance.customStatus), { class: "said" });
  const updated = cell("Updated", clock(instance.lastUpdatedTime));
  return {
    element: make("tr", {}, make("th", { scope: "row" }, instanceLink(instance.instanceId)), cell("Orchestrator", instance.name), status, custom,
      cell("Created", clock(instance.createdTime)), updated),
    change({ runtimeStatus, customStatus, time }) {
      status.replaceChildren(pill(runtimeStatus));
      custom.replaceChildren(customStatusCell(customStatus));
      updated.replaceChildren(clock(time));
    },
  };
}

function filterForm(asked, submit) {
  const field = (name, label, input) => {
    input.id = `filter-${name}`;
    input.name = name;
    input.value = asked[name];
    return make("div", { class: "field" }, make("label", { for: input.id }, label), input);
  };
  const text = (hint) => make("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: hint });
  const statusChoices = [["", "any"], ...runtimeStatuses.map((status) => [status, status])];
  if (asked.runtimeStatus.includes(",")) statusChoices.push([asked.runtimeStatus, asked.runtimeStatus.replaceAll(",", " or ")]);
  const select = (choices) => make("select", {}, choices.map(([value, label]) => make("option", { value }, label)));
  const form = make("form", { class: "filters", role: "search", "aria-label": "Which instances" },
    field("runtimeStatus", "Status", select(statusChoices)),
    field("name", "Orchestrator", text("")),
    field("instanceIdPrefix", "Id begins with", text("")),
    field("orderBy", "Order", select(orders)),
    make("div", { class: "field wide" }, make("label", { for: "filter-filter" }, "Filter"), Object.assign(text('customStatus.stage == "shipped" and age > 10m'), { id: "filter-filter", name: "filter", value: asked.filter })),
    make("button", { type: "submit", class: "primary" }, "Show"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(Object.fromEntries(new FormData(form)));
  });
  for (const choice of form.querySelectorAll("select")) choice.addEventListener("change", () => form.requestSubmit());
  return form;
}
