// The statuses that an instance went through, newest first.

import { getIfThere, instanceAddress, query } from "./api.js";
import { button, make } from "./dom.js";
import { brief, clock, pill } from "./format.js";
import { isNewer } from "./live.js";
import { statusLine } from "./status.js";

export const shownAtFirst = 100;
const most = 500;

const words = {
  OrchestrationScheduled: "scheduled",
  OrchestrationStarted: "started",
  OrchestrationCompleted: "completed",
  OrchestrationFailed: "failed",
  OrchestrationTerminated: "terminated",
  OrchestrationCancelRequested: "asked to cancel",
  OrchestrationCanceled: "canceled",
  OrchestrationSuspended: "suspended",
  OrchestrationResumed: "resumed",
  OrchestrationRewound: "rewound",
  OrchestrationContinuedAsNew: "continued as new",
  OrchestrationPurged: "purged",
};

const isNothing = (value) => value === null || value === undefined;

function item(change, former) {
  const word = words[change.type] ?? (former && former !== change.runtimeStatus ? change.runtimeStatus.toLowerCase() : null);
  const said = word ? null : make("span", { class: "said" }, isNothing(change.customStatus) ? "no custom status" : statusLine(change.customStatus));
  const end = change.failure?.message ?? (word && change.output !== undefined ? brief(change.output) : "");
  return make("li", { class: change.runtimeStatus },
    make("span", { class: "when" }, clock(change.time), " ", make("small", {}, `v${change.version}`)),
    make("span", { class: "what" }, word ? pill(change.runtimeStatus) : null, word ? ` ${word} ` : null, said,
      end ? make("span", { class: "said" }, end) : null));
}

export function timeline(id) {
  const list = make("ol", { class: "timeline", reversed: true });
  const earlier = button("Show earlier", showEarlier, { hidden: true });
  let oldest = null;
  let newest = "0.0";
  let former = null;

  async function showEarlier() {
    const [incarnation, version] = oldest.split(".").map(Number);
    const after = Math.max(0, version - 1 - shownAtFirst);
    const answer = await getIfThere(`${instanceAddress(id)}/statuses${query({ after: `${incarnation}.${after}`, top: version - 1 - after })}`);
    const changes = answer?.body.changes ?? [];
    for (const change of changes.toReversed()) list.append(item(change));
    if (changes.length > 0) oldest = `${incarnation}.${changes[0].version}`;
    earlier.hidden = changes.length === 0 || after === 0;
  }

  return {
    element: make("div", {}, list, earlier),
    add(change, revision) {
      if (!isNewer(revision, newest)) return;
      newest = revision;
      const version = Number(revision.split(".")[1]);
      if (oldest === null) {
        oldest = revision;
        earlier.hidden = version <= 1;
      }
      list.prepend(item({ ...change, version }, former));
      former = change.runtimeStatus;
      while (list.childElementCount > most) list.lastElementChild.remove();
    },
  };
}
