// Follows one instance: by its event stream, and where that is refused or does not get through, by long polls.
// A page that nobody looks at lets go of its connection: browsers have only six for a gateway.

import { get, instanceAddress } from "./api.js";
import { isEnded } from "./format.js";

const pollWait = 20;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** "12.7" as a pair of numbers. */
const parts = (revision) => revision.split(".").map(Number);

export function isNewer(a, b) {
  const [x, y] = [parts(a), parts(b)];
  return x[0] !== y[0] ? x[0] > y[0] : x[1] > y[1];
}

export const revisionOf = (headers) => (headers.get("ETag") ?? "").replace(/^W\/|"/g, "");

/**
 * after: the revision that is known already.
 * on.change(change), on.progress(progress), on.state("live" | "ended" | "lost" | "gone")
 * Returns { stop, again }; `again` looks at once, after a command.
 */
export function follow(id, after, on) {
  let last = after;
  let ended = false;
  let isStopped = false;
  let wake = () => {};
  let source = null;

  function take(change, revision) {
    if (!isNewer(revision, last)) return;
    last = revision;
    ended = isEnded(change.runtimeStatus);
    on.change(change, revision);
    on.state(ended ? "ended" : "live");
  }

  /** Until the stream is over, or does not come about: true when it ever began. */
  function stream() {
    return new Promise((resolve) => {
      let began = false;
      let isOpen = false;
      source = new EventSource(`${instanceAddress(id)}?showProgress=true&lastEventId=${encodeURIComponent(last)}`);
      const over = () => {
        source?.close();
        source = null;
        resolve(began);
      };
      wake = over;
      source.onopen = () => {
        began = isOpen = true;
        on.state("live");
      };
      source.onmessage = (event) => {
        take(JSON.parse(event.data), event.lastEventId);
        if (ended) over();
      };
      source.addEventListener("progress", (event) => on.progress(JSON.parse(event.data)));
      source.onerror = () => {
        // The browser tries again by itself, for ever: once will do.
        if (!isOpen || source?.readyState === EventSource.CLOSED) return over();
        isOpen = false;
        on.state("lost");
      };
    });
  }

  async function poll() {
    const abort = new AbortController();
    wake = () => abort.abort();
    try {
      const { body, headers } = await get(instanceAddress(id), {
        headers: { "If-None-Match": `"${last}"`, Prefer: `wait=${pollWait}` }, signal: abort.signal,
      });
      on.state(ended ? "ended" : "live");
      if (body) take({ ...body, type: "Seen", time: body.lastUpdatedTime }, revisionOf(headers));
    } catch (error) {
      if (error.name === "AbortError") return;
      on.state(error.status === 404 ? "gone" : "lost");
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, 2000);
      });
    }
  }

  async function run() {
    while (!isStopped) {
      if (document.hidden) await new Promise((resolve) => { wake = resolve; });
      else if (ended) {
        // It may be rewound, restarted or purged by somebody else.
        await Promise.race([pause(5000), new Promise((resolve) => { wake = resolve; })]);
        if (!isStopped && !document.hidden) await poll();
      } else if (!(await stream()) && !isStopped && !document.hidden && !ended) await poll();
    }
  }

  const onVisibility = () => wake();
  document.addEventListener("visibilitychange", onVisibility);
  run();
  return {
    again: () => wake(),
    stop() {
      isStopped = true;
      document.removeEventListener("visibilitychange", onVisibility);
      wake();
    },
  };
}
