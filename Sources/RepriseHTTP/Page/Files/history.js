// Events of a history as spans of time: what was scheduled, when it began, and how it ended.

import { isEnded } from "./format.js";

const tasks = {
  TaskScheduled: ["activity", "open"],
  TaskCompleted: ["activity", "done"],
  TaskFailed: ["activity", "failed"],
  SubOrchestrationInstanceCreated: ["child", "open"],
  SubOrchestrationInstanceCompleted: ["child", "done"],
  SubOrchestrationInstanceFailed: ["child", "failed"],
  EntityOperationCalled: ["entity", "open"],
  EntityOperationCompleted: ["entity", "done"],
  EntityOperationFailed: ["entity", "failed"],
  EntityLockRequested: ["entity", "open"],
  EntityLockGranted: ["entity", "done"],
};

const moments = {
  EventSent: "sent",
  EntityOperationSignaled: "sent",
  EntityUnlockSent: "sent",
  ExecutionRewound: "rewound",
};

/** A timer that has not fired by then is late: the gateway's reader and its nodes have different clocks. */
const lateness = 5000;

const at = (text) => new Date(text).getTime();

/**
 * { spans: [{ key, kind, name, whom, start, end, state, details }], start, end }; `end` is null for what still runs.
 *
 * waitingFor: the events that the code waits for now. children: what is known of them, by id.
 */
export function spansOf(events, now, { waitingFor = [], children = new Map() } = {}) {
  const begin = events.find((event) => event.EventType === "ExecutionStarted");
  const over = events.findLast((event) => event.EventType === "ExecutionCompleted");
  const start = at((begin ?? events[0])?.Timestamp ?? now);
  const end = over ? at(over.Timestamp) : null;
  const spans = [];
  const fired = events.filter((event) => event.EventType === "TimerFired").map((event) => [event.FireAt, at(event.Timestamp)]);
  const waited = waits(events);
  let suspended = null;
  for (const event of events) {
    const time = at(event.Timestamp);
    if (tasks[event.EventType]) {
      spans.push(task(event, time, end, children));
    } else if (event.EventType === "TimerCreated") {
      spans.push(timer(event, fired, end, now));
    } else if (event.EventType === "EventRaised") {
      const since = waited.get(event);
      spans.push({ kind: "event", name: event.Name, state: since === time ? "moment" : "done", start: since, end: time, details: event });
    } else if (event.EventType === "GenericEvent") {
      const kind = event.Reason === "CancelRequested" ? "cancel" : "rewound";
      spans.push({ kind, name: event.Reason, state: "moment", start: time, end: time, details: event });
    } else if (moments[event.EventType]) {
      const isUnlock = event.EventType === "EntityUnlockSent";
      spans.push({ kind: moments[event.EventType], name: isUnlock ? "unlock" : event.Name ?? event.Reason ?? event.EventType, whom: event.InstanceId,
        state: "moment", start: time, end: time, details: event });
    } else if (event.EventType === "ExecutionSuspended") {
      suspended = { kind: "suspended", name: "Suspended", state: "suspended", start: time, end, details: event };
      spans.push(suspended);
    } else if (event.EventType === "ExecutionResumed" && suspended) {
      suspended.end = time;
      suspended = null;
    }
  }
  if (end === null) {
    const last = at(events.at(-1)?.Timestamp ?? now);
    // Its code went on last then, and has waited since, if not for longer.
    for (const name of waitingFor) spans.push({ kind: "event", name, state: "open", start: last, end: null, details: {} });
  }
  spans.sort((a, b) => a.start - b.start);
  const seen = new Map();
  for (const span of spans) {
    const base = `${span.kind} ${span.name} ${span.whom ?? ""} ${span.start}`;
    const number = seen.get(base) ?? 0;
    seen.set(base, number + 1);
    span.key = `${base} ${number}`;
  }
  return { spans, start, end };
}

function task(event, time, end, children) {
  const [kind, state] = tasks[event.EventType];
  const locked = (event.LockSet ?? []).join(", ");
  const span = { kind, name: (event.Name ?? event.FunctionName) || event.EventType, whom: locked || event.InstanceId, details: event, state,
    start: state === "open" ? time : at(event.ScheduledTime ?? event.Timestamp), end: state === "open" ? null : time };
  if (state !== "open" || end === null) return span;
  // Its orchestration has ended without it. A child that went on is as long as it is.
  const child = children.get(event.InstanceId);
  if (!child) return { ...span, state: "left", end };
  return isEnded(child.runtimeStatus) ? { ...span, state: ends[child.runtimeStatus], end: at(child.lastUpdatedTime) } : span;
}

/** How a span ends whose child ended so. */
export const ends = { Completed: "done", Failed: "failed", Terminated: "terminated", Canceled: "canceled" };

function timer(event, fired, end, now) {
  const place = fired.findIndex(([time]) => time === event.FireAt);
  const due = at(event.FireAt);
  const span = { kind: "timer", name: "until", due, start: at(event.Timestamp), details: event };
  if (event.CanceledTime) return { ...span, state: "canceled", end: at(event.CanceledTime) };
  if (place >= 0) return { ...span, state: "done", end: fired.splice(place, 1)[0][1] };
  if (end !== null) return { ...span, state: "left", end: Math.min(end, due) };
  return { ...span, state: "open", end: null, isLate: due < now - lateness };
}

/**
 * Since when the code had waited for each event, as far as a history can tell: since it set the time limit that the event
 * canceled, or since its turn before, when there was nothing else to wait for and the code went on. Else the event is a
 * moment: it may have come before anyone waited. By the event.
 */
function waits(events) {
  const limits = new Map();
  const acted = new Set();
  const busy = [];
  for (const event of events) {
    const begun = at(event.ScheduledTime ?? event.Timestamp);
    if (event.EventType !== "EventRaised") for (const time of new Set([begun, at(event.Timestamp)])) acted.add(time);
    if (event.EventType === "TimerCreated" && event.CanceledTime) limits.set(at(event.CanceledTime), begun);
    if (tasks[event.EventType]) busy.push([begun, tasks[event.EventType][1] === "open" ? Infinity : at(event.Timestamp)]);
    if (event.EventType === "TimerCreated") busy.push([begun, event.CanceledTime ? at(event.CanceledTime) : at(event.FireAt)]);
  }
  busy.sort((a, b) => a[0] - b[0]);
  const since = new Map();
  let next = 0;
  let busyUntil = -Infinity;
  let former = null;
  let latest = null;
  for (const event of events) {
    const time = at(event.Timestamp);
    if (latest !== null && latest < time) former = latest;
    latest = time;
    if (event.EventType !== "EventRaised") continue;
    for (; next < busy.length && busy[next][0] < time; next += 1) busyUntil = Math.max(busyUntil, busy[next][1]);
    const isCertain = former !== null && busyUntil <= time && acted.has(time);
    since.set(event, limits.get(time) ?? (isCertain ? former : time));
  }
  return since;
}
