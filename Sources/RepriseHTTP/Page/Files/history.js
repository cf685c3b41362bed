// Events of a history as spans of time: what was scheduled, when it began, and how it ended.

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
  EventRaised: "event",
  EventSent: "sent",
  EntityOperationSignaled: "sent",
  ExecutionRewound: "rewound",
  GenericEvent: "rewound",
};

const at = (text) => new Date(text).getTime();

/** { spans: [{ key, kind, name, start, end, state, details }], start, end }; `end` is null for what still runs. */
export function spansOf(events, now) {
  const begin = events.find((event) => event.EventType === "ExecutionStarted");
  const over = events.findLast((event) => event.EventType === "ExecutionCompleted");
  const start = at((begin ?? events[0])?.Timestamp ?? now);
  const end = over ? at(over.Timestamp) : null;
  const spans = [];
  const fired = events.filter((event) => event.EventType === "TimerFired").map((event) => [event.FireAt, at(event.Timestamp)]);
  let suspended = null;
  for (const event of events) {
    const time = at(event.Timestamp);
    const task = tasks[event.EventType];
    if (task) {
      const [kind, state] = task;
      const name = event.Name ?? event.FunctionName ?? (event.LockSet ?? []).join(", ");
      spans.push({ kind, name: name || event.EventType, state, start: state === "open" ? time : at(event.ScheduledTime ?? event.Timestamp),
        end: state === "open" ? end : time, details: event });
    } else if (event.EventType === "TimerCreated") {
      spans.push(timer(event, fired, end, now));
    } else if (moments[event.EventType]) {
      spans.push({ kind: moments[event.EventType], name: event.Name ?? event.Reason ?? event.EventType, state: "moment", start: time, end: time, details: event });
    } else if (event.EventType === "ExecutionSuspended") {
      suspended = { kind: "suspended", name: "Suspended", state: "suspended", start: time, end, details: event };
      spans.push(suspended);
    } else if (event.EventType === "ExecutionResumed" && suspended) {
      suspended.end = time;
      suspended = null;
    }
  }
  spans.sort((a, b) => a.start - b.start);
  const seen = new Map();
  for (const span of spans) {
    const base = `${span.kind} ${span.name} ${span.start}`;
    const number = seen.get(base) ?? 0;
    seen.set(base, number + 1);
    span.key = `${base} ${number}`;
  }
  return { spans, start, end };
}

/** A canceled timer leaves no event: it is one whose time has passed, or whose orchestration has ended. */
function timer(event, fired, end, now) {
  const place = fired.findIndex(([time]) => time === event.FireAt);
  const fireAt = at(event.FireAt);
  const span = { kind: "timer", name: "Timer", start: at(event.Timestamp), details: event };
  if (place >= 0) return { ...span, state: "done", end: fired.splice(place, 1)[0][1] };
  if (end !== null) return { ...span, state: "canceled", end: Math.min(end, fireAt) };
  return fireAt < now - 5000 ? { ...span, state: "canceled", end: fireAt } : { ...span, state: "open", end: null };
}
