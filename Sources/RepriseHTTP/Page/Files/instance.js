// The page of one instance, live.

import { actionButtons } from "./actions.js";
import { get, getIfThere, instanceAddress, query } from "./api.js";
import { announce, button, instanceLink, link, make, section } from "./dom.js";
import { duration, isEnded, moment, zone } from "./format.js";
import { familyChart, gantt } from "./gantt.js";
import { lastList } from "./list.js";
import { follow, revisionOf } from "./live.js";
import { isUnserved, unserved } from "./overview.js";
import { statusElement, statusWords } from "./status.js";
import { shownAtFirst, timeline } from "./timeline.js";
import { tree } from "./value.js";

const stateWords = { live: "live", ended: "ended", lost: "The connection was lost; trying again …", gone: "It is gone: purged, or never started." };

export function instancePage(container, { id, settings, go }) {
  const badge = make("span", { class: "pill" });
  const state = make("span", { class: "state" }, "loading …");
  const facts = make("p", { class: "facts-line" });
  const buttons = make("div", { class: "row actions", role: "group", "aria-label": "What can be done with it" });
  const status = make("div", { id: "custom-status" });
  const waiting = make("div", { class: "row", id: "waiting-for" });
  const progress = make("ul", { class: "plain", id: "activity-progress" });
  const failure = section("Failure");
  const input = make("div");
  const output = make("div");
  const result = section("Output", output);
  const times = timeline(id);
  const chart = gantt();
  const family = familyChart();
  const cutOff = make("p", { class: "empty", hidden: true }, "There are more, which are not shown.");
  const children = section("Children", family.element, cutOff);
  const alarm = make("div", { class: "card alarm", role: "alert", hidden: true });
  const above = make("nav", { class: "above", "aria-label": "Where you are" });
  const heading = make("h1", { tabindex: "-1" }, id);
  failure.hidden = result.hidden = children.hidden = true;
  container.replaceChildren(
    above, heading, make("div", { class: "row" }, badge, state), facts, buttons, alarm,
    section("Custom status", status, waiting, progress),
    failure, make("div", { class: "two" }, section("Input", input), result), section(`Status timeline (${zone()})`, times.element), section("History", chart.element), children);
  document.title = `${id} – Reprise`;
  showPath(null);

  let known = null;
  let isLookingAtHistory = false;
  let timer = null;
  let isStopped = false;
  const actions = actionButtons(id, (what) => {
    if (what === "purged") go("/instances");
    else if (what !== "changed") go(`/instances/${encodeURIComponent(what)}`);
    else {
      live?.again();
      lookSoon(0);
    }
  });
  if (!settings.readOnly) buttons.append(...actions.buttons);
  buttons.hidden = settings.readOnly;

  function showChange(change, revision) {
    const former = known;
    known = { ...known, ...change };
    badge.className = `pill ${known.runtimeStatus}`;
    badge.textContent = known.runtimeStatus;
    const isOther = former === null || JSON.stringify(former.customStatus ?? null) !== JSON.stringify(known.customStatus ?? null);
    if (isOther || status.childElementCount === 0) status.replaceChildren(statusElement(known.customStatus));
    announce(`${known.runtimeStatus} ${statusWords(known.customStatus)}`);
    actions.update({ runtimeStatus: known.runtimeStatus });
    result.hidden = !isEnded(known.runtimeStatus) || known.runtimeStatus === "Failed" || known.output === undefined;
    if (!result.hidden) output.replaceChildren(tree(known.output));
    result.firstElementChild.textContent = ["Canceled", "Terminated"].includes(known.runtimeStatus) ? "Reason" : "Output";
    if (isEnded(known.runtimeStatus)) progress.replaceChildren();
    if (revision) times.add(change, revision);
  }

  function showPath(parent) {
    above.replaceChildren(link(lastList, "Instances"), " / ", ...(parent ? [instanceLink(parent), " / "] : []), make("span", { "aria-current": "page" }, id));
  }

  function showFacts(body, took = null) {
    showPath(body.parentInstanceId);
    facts.replaceChildren(
      link(`/instances${query({ name: body.name })}`, body.name), ...(body.version ? [make("span", {}, `version ${body.version}`)] : []),
      make("span", {}, "created ", moment(body.createdTime)),
      make("span", {}, isEnded(body.runtimeStatus) ? "ended " : "updated ", moment(body.lastUpdatedTime), took === null ? null : ` after ${duration(took)}`),
      ...(body.parentInstanceId ? [make("span", {}, "child of ", instanceLink(body.parentInstanceId))] : []),
      ...(body.startTime ? [make("span", {}, "starts at ", moment(body.startTime))] : []),
      make("a", { href: `${instanceAddress(id)}${query({ showHistory: "true", showHistoryOutput: "true" })}`, target: "_blank", rel: "noopener" }, "as JSON"),
      ...Object.entries(body.tags ?? {}).map(([name, value]) => make("span", { class: "tag" }, `${name}: ${value}`)));
  }

  function showProgress({ activity, task, attempt, time, value }) {
    const key = `${activity} ${task}`;
    const item = make("li", { "data-key": key }, make("strong", {}, activity), attempt > 1 ? ` (attempt ${attempt})` : null,
      " ", time ? moment(time) : null, statusElement(value));
    const former = [...progress.children].find((each) => each.dataset.key === key);
    if (former) former.replaceWith(item);
    else progress.append(item);
  }

  function showWaiting(names) {
    actions.update({ waitingFor: names });
    waiting.replaceChildren(...(names.length === 0 ? [] : [make("span", {}, "Waiting for"),
      ...names.map((name) => (settings.readOnly ? make("span", { class: "tag" }, name) : button(name, () => actions.raise(name), { class: "chip" })))]));
  }

  function showFailure(details) {
    failure.hidden = !details;
    if (details) failure.replaceChildren(failure.firstElementChild, failureElement(details));
  }

  /** History has no stream: it is fetched at every change and, while the instance runs, at a moderate pace. */
  async function lookAtHistory() {
    if (isLookingAtHistory || isStopped) return;
    isLookingAtHistory = true;
    const start = performance.now();
    try {
      if (!document.hidden) {
        const { body } = await get(`${instanceAddress(id)}${query({ showHistory: "true", showHistoryOutput: "true", showProgress: "true" })}`);
        if (isStopped) return;
        const events = body.historyEvents ?? [];
        const over = events.findLast((event) => event.EventType === "ExecutionCompleted");
        showFacts(body, over && isEnded(body.runtimeStatus) ? new Date(over.Timestamp) - new Date(events[0].Timestamp) : null);
        const open = new Set(events.filter((event) => event.EventType === "TaskScheduled").map((event) => event.Name));
        const [members, queues] = await Promise.all([
          events.some((event) => event.EventType.startsWith("SubOrchestration")) ? familyMembers() : new Map(),
          isEnded(body.runtimeStatus) || open.size === 0 ? [] : queuesOf(open),
        ]);
        if (isStopped) return;
        showAlarm(queues);
        chart.show(events, { children: members, unserved: new Set(queues.map((queue) => queue.name)), waitingFor: isEnded(body.runtimeStatus) ? [] : body.waitingFor ?? [] });
        showFailure(body.runtimeStatus === "Failed" ? over?.FailureDetails : null);
        showWaiting(isEnded(body.runtimeStatus) ? [] : body.waitingFor ?? []);
        if (body.progress) {
          progress.replaceChildren();
          if (!isEnded(body.runtimeStatus)) body.progress.forEach(showProgress);
        }
      }
    } catch {
      // The line beside the badge says what is wrong; the next fetch may say more.
    } finally {
      isLookingAtHistory = false;
    }
    if (!known || !isEnded(known.runtimeStatus)) lookSoon(Math.max(2000, 10 * (performance.now() - start)));
  }

  function lookSoon(delay) {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(lookAtHistory, delay);
  }

  /** Shows the children, and gives them by their ids. */
  async function familyMembers() {
    const answer = await getIfThere(`${instanceAddress(id)}/tree`);
    const root = answer?.body;
    children.hidden = !(root?.children?.length > 0);
    cutOff.hidden = root?.isTruncated !== true;
    if (!children.hidden) family.show(root);
    return new Map((root?.children ?? []).map((child) => [child.instanceId, child]));
  }

  /** Of the activities that are open here, those that nobody serves. */
  async function queuesOf(open) {
    const answer = await getIfThere("/overview");
    return (answer?.body.activities ?? []).filter((queue) => open.has(queue.name) && isUnserved(queue));
  }

  function showAlarm(queues) {
    const words = queues.map(unserved);
    alarm.hidden = words.length === 0;
    if (alarm.textContent !== words.join("")) alarm.replaceChildren(...words.map((text) => make("p", {}, text)));
  }

  /** What its orchestrator declares, for the forms of its events. */
  async function learnEvents(name) {
    if (settings.readOnly) return;
    const answer = await getIfThere("/orchestrators").catch(() => null);
    const found = answer?.body.orchestrators?.find((each) => each.name === name);
    if (found && !isStopped) actions.update({ events: found.events ?? [] });
  }

  let live = null;
  const ticking = setInterval(() => { if (known && !isEnded(known.runtimeStatus) && !document.hidden) { chart.tick(); family.tick(); } }, 1000);

  async function begin() {
    try {
      const { body, headers } = await get(instanceAddress(id));
      if (isStopped) return;
      const revision = revisionOf(headers);
      showChange(body, null);
      showFacts(body);
      learnEvents(body.name);
      input.replaceChildren(tree(body.input));
      const [incarnation, version] = revision.split(".").map(Number);
      live = follow(id, `${incarnation}.${Math.max(0, version - shownAtFirst)}`, {
        change(change, at) {
          showChange(change, at);
          lookSoon(100);
        },
        progress: showProgress,
        state(word) {
          state.textContent = stateWords[word];
          state.className = `state ${word}`;
          if (word === "gone") actions.update({ runtimeStatus: "Purged" });
        },
      });
      lookSoon(0);
    } catch (error) {
      if (isStopped) return;
      state.textContent = error.message;
      buttons.hidden = true;
      if (error.status !== 404) timer = setTimeout(begin, 3000);
    }
  }
  begin();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    clearInterval(ticking);
    live?.stop();
  };
}

function failureElement({ ErrorType: type, ErrorMessage: message, StackTrace: trace, InnerFailure: inner }) {
  return make("div", { class: "failure" },
    make("p", {}, make("strong", {}, type), ": ", message),
    trace ? make("details", {}, make("summary", {}, "Details"), make("pre", {}, trace)) : null,
    inner ? make("div", { class: "cause" }, make("p", {}, "caused by"), failureElement(inner)) : null);
}
