// Schedules: what each starts and when, what it started last, and when the next start is due.

import { freshKey } from "./actions.js";
import { base, command, get, instanceAddress, query } from "./api.js";
import { button, cell, instanceLink, link, make, notify, table } from "./dom.js";
import { brief, clock, count, duration, pill, zone } from "./format.js";
import { poll } from "./poll.js";

const orchestrator = "Reprise.Schedule";
const mostShown = 200;
const interval = 5000;

export function schedulesPage(container, { settings }) {
  document.title = "Schedules – Reprise";
  const results = make("div", { class: "card" });
  container.replaceChildren(
    make("div", { class: "row" }, make("h1", { tabindex: "-1" }, "Schedules"), settings.readOnly ? null : link(`/start?name=${orchestrator}`, "Start one", { class: "action" })),
    make("p", { class: "empty" }, "A schedule is an instance like any other. Times of cron expressions are those of its zone, or UTC."), results);

  async function look(isOver) {
    const { body, headers } = await get(`${base}/instances${query({ name: orchestrator, runtimeStatus: "Pending,Running,Suspended,Failed", top: mostShown })}`);
    if (isOver()) return;
    results.replaceChildren(body.length === 0 ? make("p", { class: "empty" }, "There is no schedule.")
      : table("Schedules", ["Schedule", "Status", "Starts", "When", "Started", "Last runs", `Next (${zone()})`, ""], body.map(row), { class: "cards" }),
    headers.get("x-ms-continuation-token") ? make("p", { class: "empty" }, `These are the first ${count(mostShown)}; `, link(`/instances?name=${orchestrator}`, "the list has them all")) : "");
  }

  function row({ instanceId, runtimeStatus, input, customStatus, output }) {
    const given = input ?? {};
    const said = customStatus ?? {};
    const isFailed = runtimeStatus === "Failed";
    const isPaused = runtimeStatus === "Running" && said.isPaused === true;
    return make("tr", {}, make("th", { scope: "row" }, instanceLink(instanceId)),
      cell("Status", [pill(isPaused ? "Paused" : runtimeStatus), small(said.note)]),
      cell("Starts", given.name ? [given.name, small(given.input === undefined || given.input === null ? null : brief(given.input, 60))] : ""),
      cell("When", isFailed ? make("span", { class: "trouble" }, brief(output)) : [when(given), small(rules(given))]),
      cell("Started", [count(Number.isFinite(said.count) ? said.count : 0), small(said.skipped > 0 ? `${count(said.skipped)} left out` : null)], { class: "number" }),
      cell("Last runs", [runs(said), make("small", { class: "trouble" }, said.lastFailure ? brief(said.lastFailure, 120) : "")]),
      cell("Next", runtimeStatus === "Running" ? nextStarts(said) : "–"),
      cell("", settings.readOnly || isFailed ? null : buttons(instanceId, runtimeStatus, isPaused)));
  }

  function buttons(id, runtimeStatus, isPaused) {
    if (runtimeStatus === "Suspended") return order(id, "resume", "Resume");
    return [isPaused ? order(id, "raiseEvent/Unpause", "Unpause") : order(id, "raiseEvent/Pause", "Pause"), order(id, "raiseEvent/Trigger", "Trigger")];
  }

  function order(id, path, label) {
    return button(label, async (event) => {
      event.target.disabled = true;
      try {
        await command("POST", `${instanceAddress(id)}/${path}`, { key: freshKey(), ...(path.startsWith("raiseEvent/") ? { json: "null" } : {}) });
      } catch (error) {
        notify(error.message, true);
      }
      looks.again();
    }, { "aria-label": `${label} ${id}` });
  }

  const looks = poll(look, interval, (error) => results.replaceChildren(make("p", { class: "trouble", role: "alert" }, error.message)));
  return looks.stop;
}

const small = (text) => text === null || text === undefined || text === "" ? null : make("small", {}, ` ${text}`);

function when({ cron, timeZone, everySeconds }) {
  if (cron) return timeZone ? `${cron} ${timeZone}` : cron;
  return everySeconds ? `every ${duration(1000 * everySeconds)}` : "";
}

/** What is not as usual. */
function rules({ overlap, jitterSeconds, catchUpSeconds }) {
  return [
    overlap && overlap !== "allowAll" ? overlap : null,
    jitterSeconds ? `jitter up to ${duration(1000 * jitterSeconds)}` : null,
    catchUpSeconds ? `catches up ${duration(1000 * catchUpSeconds)}` : null,
  ].filter(Boolean).join(", ");
}

/** The newest three, each a link to its instance. */
function runs({ runs: all }) {
  if (!Array.isArray(all) || all.length === 0) return "–";
  return all.slice(-3).reverse().map(({ due, instance, cause }) => make("div", {}, link(`/instances/${encodeURIComponent(instance)}`, clock(due), { title: instance }), small(cause === "time" ? null : cause)));
}

function nextStarts({ nextStart, nextStarts: all }) {
  const times = Array.isArray(all) ? all : nextStart ? [nextStart] : [];
  return times.length === 0 ? "–" : times.slice(0, 3).map((time) => make("div", {}, clock(time)));
}
