// Instances, a page at a time, by any filter and order; those shown are updated live.

import { freshKey } from "./actions.js";
import { base, command, get, getIfThere, instanceAddress, query } from "./api.js";
import { breakdown } from "./breakdown.js";
import { doForAll } from "./bulk.js";
import { button, link, make } from "./dom.js";
import { count, isEnded, many } from "./format.js";
import { both, family, instanceTable, rowQuery, topLevel } from "./rows.js";

const pageSize = 50;
const runtimeStatuses = ["Running", "Pending", "Suspended", "ContinuedAsNew", "Completed", "Failed", "Canceled", "Terminated"];
const orders = [
  ["createdTime desc", "newest first"], ["createdTime", "oldest first"], ["lastUpdatedTime desc", "changed last"],
  ["instanceId", "by id"], ["name", "by orchestrator"],
];
const hour = 3_600_000;
const spans = [["", "any time"], [String(hour / 6), "the last 10 minutes"], [String(hour), "the last hour"], [String(24 * hour), "the last day"], [String(168 * hour), "the last week"]];
/** With more changes per second than this, the page is refetched from time to time instead. */
const busy = 100;
/** Pages that are looked through for those that wait, before the reader is asked. */
const mostPages = 5;

/** The list as its reader left it: where "Instances" leads from the page of one. */
export let lastList = "/instances";

/** What stands in the address is what is asked; what is as usual is left out of it. */
const usual = { filter: "", since: "", runtimeStatus: "", name: "", instanceIdPrefix: "", orderBy: "createdTime desc", children: "folded", waiting: "", by: "" };

const addressOf = (values) => `/instances${query(Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== usual[name])))}`;

export function listPage(container, { parameters, settings, go }) {
  document.title = "Instances – Reprise";
  const asked = Object.fromEntries(Object.entries(usual).map(([name, value]) => [name, parameters.get(name) ?? value]));
  lastList = addressOf(asked);
  const folds = asked.children === "folded";
  const { children, waiting, by, orderBy, since, ...narrowed } = asked;
  if (Number(since) > 0) narrowed.createdTimeFrom = new Date(Date.now() - Number(since)).toISOString();
  if (waiting && !narrowed.runtimeStatus) narrowed.runtimeStatus = "Running,Pending,Suspended";
  const filter = folds ? both(asked.filter, topLevel) : asked.filter;
  const summary = make("p", { class: "summary", role: "status" });
  const trouble = make("p", { class: "trouble", role: "alert", hidden: true });
  const instances = instanceTable("Instances", { folds });
  const results = make("div", { class: "card" }, trouble, instances.element);
  const bulk = make("div", { class: "row", role: "group", "aria-label": "What can be done with those shown" });
  const previous = button("Previous", () => turn(-1), { disabled: true });
  const next = button("Next", () => turn(1), { disabled: true });
  const counts = breakdown({ ...narrowed, filter }, by, (field, value) => go(addressOf({ ...asked, by: "", filter: both(asked.filter, `${field} == ${JSON.stringify(value)}`) })));
  container.replaceChildren(
    make("div", { class: "row" }, make("h1", { tabindex: "-1" }, "Instances"), settings.readOnly ? null : link("/start", "Start one", { class: "action" })),
    filterForm(asked, (values) => go(addressOf({ ...asked, ...values }))),
    counts.element, summary, bulk, results, make("nav", { class: "row", "aria-label": "Pages of the list" }, previous, next));

  const tokens = [""];
  let place = 0;
  let timer = null;
  let isSoon = false;
  let isNew = true;
  let counted = { at: -Infinity, took: 0 };
  let stream = null;
  let isStopped = false;
  let abort = new AbortController();

  async function look() {
    clearTimeout(timer);
    isSoon = false;
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    try {
      // What they wait for is asked of the partitions, which may take two seconds: not before anything is seen.
      if (isNew && !waiting) await instances.show((await page(tokens[place], signal, { showWaitingFor: "" })).rows, "No instance matches.", signal);
      if (isStopped || signal.aborted) return;
      isNew = false;
      const counting = countAll(signal).catch((error) => { if (error.name !== "AbortError" && !isStopped) summary.textContent = error.message; });
      const { rows, token } = await page(tokens[place], signal);
      if (isStopped || signal.aborted) return;
      tokens.length = place + 1;
      if (token) tokens.push(token);
      previous.disabled = place === 0;
      next.disabled = !token;
      await instances.show(rows, waiting && token ? "None of these waits; there are more on the next page." : "No instance matches.", signal);
      if (isStopped || signal.aborted) return;
      trouble.hidden = true;
      offer(rows);
      await counting;
    } catch (error) {
      if (isStopped || error.name === "AbortError") return;
      trouble.textContent = error.status === 400 ? await plainRefusal(error) : error.message;
      trouble.hidden = false;
      if (error.status === 400) {
        instances.element.replaceChildren();
        bulk.replaceChildren();
        return summary.replaceChildren();
      }
    }
    // New and purged instances are seen by refetching; those shown update by themselves.
    if (!isStopped) timer = setTimeout(() => (document.hidden ? lookLater() : look()), stream ? 10000 : 3000);
  }

  /** Of what is narrowed to a status, all that are shown can be dealt with at once: a night's fifty failures are not fifty clicks. */
  function offer(rows) {
    if (settings.readOnly || !asked.runtimeStatus) return;
    const going = rows.filter((each) => !isEnded(each.runtimeStatus));
    const those = (status) => rows.filter((each) => each.runtimeStatus === status);
    const choices = [
      ["Rewind", "rewind", those("Failed"), "rewound", "Undoes what failed in each, and tries it again."],
      ["Resume", "resume", those("Suspended"), "resumed", "They go on."],
      ["Suspend", "suspend", going.filter((each) => each.runtimeStatus !== "Suspended"), "suspended", "They take no steps until they are resumed."],
      ["Cancel", "cancel", going, "told to clean up", "Their code is told, and may clean up before they end as Canceled."],
      ["Terminate", "terminate", going, "terminated", "Ends them now, as Terminated.", true],
    ];
    bulk.replaceChildren(...choices.filter(([, , chosen]) => chosen.length > 1).map(([title, verb, chosen, past, text, isDangerous = false]) =>
      button(`${title} these ${count(chosen.length)}`, () => order(title, verb, chosen, past, text, isDangerous), isDangerous ? { class: "danger" } : {})));
  }

  async function order(title, verb, chosen, past, text, isDangerous) {
    const key = freshKey();
    await doForAll(chosen, {
      title, text, noun: "instance", past, isDangerous, confirm: title, fields: [{ name: "reason", label: "Reason (optional)", kind: "text" }],
      act: ({ instanceId }, { reason }) => command("POST", `${instanceAddress(instanceId)}/${verb}${query({ reason })}`, { key }),
    });
    lookSoon(500);
  }

  /** One page; of those that wait, as many as some pages have. */
  async function page(first, signal, otherwise = {}) {
    let token = first;
    const rows = [];
    for (let pages = 0; pages < (waiting ? mostPages : 1); pages += 1) {
      const { body, headers } = await get(`${base}/instances${query({ ...narrowed, ...rowQuery, ...otherwise, filter, orderBy, top: pageSize })}`, {
        headers: token ? { "x-ms-continuation-token": token } : {}, signal,
      });
      rows.push(...body.filter((each) => !waiting || each.runtimeStatus !== "Running" || each.waitingFor?.length > 0));
      token = headers.get("x-ms-continuation-token") ?? "";
      if (!token || rows.length >= pageSize) break;
    }
    return { rows, token };
  }

  /** The place that a refusal names counts in the reader's own filter. */
  async function plainRefusal(error) {
    if (!asked.filter || !folds || !error.message.includes("at character")) return error.message;
    try {
      await get(`${base}/instances${query({ filter: asked.filter, top: 1 })}`);
      return error.message;
    } catch (plain) {
      return plain.message;
    }
  }

  function lookLater() {
    if (!isStopped) timer = setTimeout(() => (document.hidden ? lookLater() : look()), 3000);
  }

  function turn(step) {
    place += step;
    isNew = true;
    look();
  }

  /** Counting reads through the rows where no index helps: what took long is not done often. */
  async function countAll(signal) {
    const began = performance.now();
    if (began - counted.at < 20 * counted.took) return;
    const answer = waiting ? null : await getIfThere(`/counts${query({ ...narrowed, filter, groupBy: "runtimeStatus" })}`, { signal });
    const all = answer && folds ? await getIfThere(`/counts${query({ ...narrowed, filter: asked.filter })}`, { signal }) : null;
    if (isStopped || signal.aborted) return;
    counted = { at: began, took: performance.now() - began };
    if (!answer) return;
    const { total, groups } = answer.body;
    const hidden = (all?.body.total ?? total) - total;
    summary.replaceChildren(`${many(total, "instance")}${groups.length > 1 ? `: ${groups.map((group) => `${count(group.count)} ${group.value}`).join(", ")}` : ""}`,
      ...(hidden > 0 ? [" · ", link(addressOf({ ...asked, children: "listed" }), `and ${family(hidden)}`)] : []));
    await counts.look(signal);
    if (!signal.aborted) counted.took = performance.now() - began;
  }

  function listen() {
    let inThisSecond = 0;
    let second = 0;
    stream = new EventSource(`/status-stream${query({ filter, name: asked.name, instanceIdPrefix: asked.instanceIdPrefix })}`);
    stream.onmessage = (event) => {
      const now = Math.floor(performance.now() / 1000);
      inThisSecond = now === second ? inThisSecond + 1 : 1;
      second = now;
      if (inThisSecond > busy) return deafen();
      const change = JSON.parse(event.data);
      const known = instances.rows.get(change.instanceId);
      if (known) known.change(change);
      // What it waits for now is not part of the change.
      if (known && change.runtimeStatus === "Running") lookSoon(2000);
      else if (!known && place === 0 && change.version === 1) lookSoon(1000);
    };
    stream.onerror = () => { if (stream?.readyState === EventSource.CLOSED) deafen(); };
  }

  function deafen() {
    stream?.close();
    stream = null;
  }

  /** However many changes there are, the page is refetched at that pace. */
  function lookSoon(delay) {
    if (isSoon) return;
    isSoon = true;
    clearTimeout(timer);
    timer = setTimeout(look, delay);
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

function filterForm(asked, submit) {
  const field = (name, label, input, wide = "") => {
    input.id = `filter-${name}`;
    input.name = name;
    input.value = asked[name];
    return make("div", { class: `field ${wide}` }, make("label", { for: input.id }, label), input);
  };
  const text = (hint) => make("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: hint });
  const statusChoices = [["", "any"], ...runtimeStatuses.map((status) => [status, status])];
  if (asked.runtimeStatus.includes(",")) statusChoices.push([asked.runtimeStatus, asked.runtimeStatus.replaceAll(",", " or ")]);
  const select = (choices) => make("select", {}, choices.map(([value, label]) => make("option", { value }, label)));
  const check = (name, label, isOn) => {
    const box = make("input", { type: "checkbox", id: `filter-${name}`, name, checked: isOn });
    return make("p", { class: "check" }, box, " ", make("label", { for: box.id }, label));
  };
  const form = make("form", { class: "filters", role: "search", "aria-label": "Which instances" },
    field("runtimeStatus", "Status", select(statusChoices)),
    field("name", "Orchestrator", text("")),
    field("instanceIdPrefix", "Id begins with", text("")),
    field("since", "Created in", select(spans)),
    field("orderBy", "Order", select(orders)),
    field("by", "Count by", text("customStatus.stage")),
    field("filter", "Filter", text('customStatus.stage == "shipped" and age > 10m'), "wide"),
    make("div", { class: "row wide" }, make("button", { type: "submit", class: "primary" }, "Show"),
      check("folded", "Top level only", asked.children === "folded"), check("waiting", "Only those that wait", asked.waiting !== "")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { folded, waiting, ...values } = Object.fromEntries(new FormData(form));
    submit({ ...values, children: folded ? "folded" : "listed", waiting: waiting ? "true" : "" });
  });
  for (const choice of form.querySelectorAll("select, input[type=checkbox]")) choice.addEventListener("change", () => form.requestSubmit());
  return form;
}
