// What can be done with an instance in the state it is in: one button each.

import { command, instanceAddress, query } from "./api.js";
import { ask } from "./dialog.js";
import { button, notify } from "./dom.js";
import { isEnded } from "./format.js";

/** The same for all sends of one dialog, so that a second click is not a second command. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const reason = { name: "reason", label: "Reason (optional)", kind: "text" };
const gracePeriod = { name: "gracePeriod", label: "Seconds to clean up (optional)", kind: "text" };
const recursive = { name: "recursive", label: "Its sub-orchestrations as well", kind: "check" };

/** onDone(what): "changed", "purged", or the id of the instance to show next. */
export function actionButtons(id, onDone) {
  let state = { runtimeStatus: "Running", waitingFor: [], events: [] };

  async function run(question, done) {
    const key = freshKey();
    const result = await ask({ ...question, act: (values) => question.act(values, key) });
    if (result) done(result.value);
  }

  const order = (verb, title, text, past, fields = [reason]) => () => run({
    title, text, fields, confirm: title, isDangerous: verb === "terminate",
    act: ({ reason: text, gracePeriod: seconds, recursive: all }, key) =>
      command("POST", `${instanceAddress(id)}/${verb}${query({ reason: text, gracePeriod: seconds, recursive: all ? "true" : "" })}`, { key }),
  }, () => {
    notify(past);
    onDone("changed");
  });

  /** The events that its orchestrator declares are raised by a form; their names are compared as the hub does. */
  const declared = (name) => state.events.find((event) => event.name.toLowerCase() === name.trim().toLowerCase());
  const offered = () => [...new Set([...state.waitingFor, ...state.events.map((event) => event.name)])];

  const raise = (name = "") => run({
    title: "Raise event",
    fields: [
      { name: "name", label: "Name", kind: "text", value: name || (state.waitingFor[0] ?? ""), options: offered(), required: true },
      { name: "data", label: "Data", kind: "value", of: "name", schemaFor: (event) => declared(event)?.schema ?? null },
    ],
    confirm: "Raise event",
    act: ({ name, data }, key) => command("POST", `${instanceAddress(id)}/raiseEvent/${encodeURIComponent(name)}`, { key, json: data }),
  }, () => {
    notify("The event was raised.");
    onDone("changed");
  });

  const restart = () => run({
    title: "Restart",
    text: "Starts again what this instance ran, with the same input.",
    fields: [{
      name: "id", label: "As", kind: "choice", options: [
        { value: "true", label: "a new instance, with an id of its own" },
        { value: "false", label: "this instance, whose history is replaced", disabled: !isEnded(state.runtimeStatus) },
      ],
    }],
    confirm: "Restart",
    act: ({ id: isNew }, key) => command("POST", `${instanceAddress(id)}/restart${query({ restartWithNewInstanceId: isNew })}`, { key }),
  }, (links) => {
    notify("Started again.");
    onDone(links?.id && links.id !== id ? links.id : "changed");
  });

  const purge = () => run({
    title: "Purge",
    text: `Deletes '${id}' with its history, for good.`,
    fields: [recursive],
    confirm: "Purge for good",
    isDangerous: true,
    act: ({ recursive: all }, key) => command("DELETE", `${instanceAddress(id)}${query({ recursive: all ? "true" : "" })}`, { key }),
  }, () => {
    notify("Purged.");
    onDone("purged");
  });

  const all = {
    raise: button("Raise event", () => raise(), { class: "primary" }),
    suspend: button("Suspend", order("suspend", "Suspend", "It takes no steps until it is resumed.", "Suspended.")),
    resume: button("Resume", order("resume", "Resume", "It goes on.", "Resumed.")),
    rewind: button("Rewind", order("rewind", "Rewind", "Undoes what failed, and tries it again.", "Rewound.")),
    restart: button("Restart", restart),
    cancel: button("Cancel", order("cancel", "Cancel", "Its code is told, and may clean up before it ends as Canceled.", "It was told to clean up.", [reason, gracePeriod, recursive])),
    terminate: button("Terminate", order("terminate", "Terminate", "Ends it now, as Terminated.", "Terminated.", [reason, recursive]), { class: "danger" }),
    purge: button("Purge", purge, { class: "danger" }),
  };

  return {
    buttons: Object.values(all),
    raise,
    /** Shows those that make sense now: a row of gray buttons says nothing. */
    update(news) {
      state = { ...state, ...news };
      const ended = isEnded(state.runtimeStatus);
      const isGone = state.runtimeStatus === "Purged";
      all.raise.hidden = ended || isGone;
      all.suspend.hidden = ended || isGone || state.runtimeStatus === "Suspended";
      all.resume.hidden = state.runtimeStatus !== "Suspended";
      all.rewind.hidden = state.runtimeStatus !== "Failed";
      all.restart.hidden = isGone;
      all.cancel.hidden = ended || isGone;
      all.terminate.hidden = ended || isGone;
      all.purge.hidden = !ended;
    },
  };
}
