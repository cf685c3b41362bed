// Schedules: what each starts and when, what it started last, and when the next start is due.

import { freshKey } from "./actions.js";
import { base, command, get, instanceAddress, query } from "./api.js";
import { button, cell, instanceLink, link, make, notify, table } from "./dom.js";
import { brief, clock, count, duration, pill, zone } from "./format.js";

const orchestrator = "Reprise.Schedule";
const mostShown = 200;
const interval = 5000;

export function schedulesPage(container, { settings }) {
  document.title = "Schedules – Reprise";
  const results = make("div", { class: "card" });
  container.replaceChildren(
    make("div", { class: "row" }, make("h1", { tabindex: "-1" }, "Schedules"), settings.readOnly ? null : link(`/start?name=${orchestrator}`, "Start one", { class: "action" })),
    make("p", { class: "empty" }, "A schedule is an instance like any other. Times of cron expressions are UTC."), results);
  let timer = null;
  let isStopped = false;

  async function look() {
    clearTimeout(timer);
    try {
      if (!document.hidden) {
        const { body, headers } = await get(`${base}/instances${query({ name: orchestrator, runtimeStatus: "Pending,Running,Suspended,Failed", top: mostShown })}`);
        if (isStopped) return;
        results.replaceChildren(body.length === 0 ? make("p", { class: "empty" }, "There is no schedule.")
          : table("Schedules", ["Schedule", "Status", "Starts", "When", "Started", `Next (${zone()})`, ""], body.map(row), { class: "cards" }),
        headers.get("x-ms-continuation-token") ? make("p", { class: "empty" }, `These are the first ${count(mostShown)}; `, link(`/instances?name=${orchestrator}`, "the list has them all")) : "");
      }
    } catch (error) {
      if (!isStopped) results.replaceChildren(make("p", { class: "trouble", role: "alert" }, error.message));
    }
    if (!isStopped) timer = setTimeout(look, interval);
  }

  function row({ instanceId, runtimeStatus, input, customStatus, output }) {
    const given = input ?? {};
    const said = customStatus ?? {};
    const isFailed = runtimeStatus === "Failed";
    const when = given.cron ?? (given.everySeconds ? `every ${duration(1000 * given.everySeconds)}` : "");
    return make("tr", {}, make("th", { scope: "row" }, instanceLink(instanceId)), cell("Status", pill(runtimeStatus)),
      cell("Starts", given.name ? [given.name, given.input === undefined || given.input === null ? null : make("small", {}, ` ${brief(given.input, 60)}`)] : ""),
      cell("When", isFailed ? make("span", { class: "trouble" }, brief(output)) : when),
      cell("Started", count(Number.isFinite(said.count) ? said.count : 0), { class: "number" }),
      cell("Next", runtimeStatus === "Running" && said.nextStart ? clock(said.nextStart) : "–"),
      cell("", settings.readOnly || isFailed ? null : runtimeStatus === "Suspended" ? order(instanceId, "resume", "Resume") : order(instanceId, "suspend", "Pause")));
  }

  function order(id, verb, label) {
    return button(label, async (event) => {
      event.target.disabled = true;
      try {
        await command("POST", `${instanceAddress(id)}/${verb}`, { key: freshKey() });
      } catch (error) {
        notify(error.message, true);
      }
      look();
    }, { "aria-label": `${label} ${id}` });
  }

  look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
