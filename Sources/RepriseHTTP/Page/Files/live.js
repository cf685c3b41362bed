// Follows one instance by its event stream, or by long polls when the stream is refused or does not get through. A
// hidden page gives up its connection: browsers allow only six per gateway.

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
 * after: the revision that is already known.
 * on.change(change), on.progress(progress), on.state("live" | "ended" | "lost" | "gone")
 * Returns { stop, again }; `again` checks at once, after a command.
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

  /** Until the stream ends, or fails to open: true when it ever opened. */
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
        // The browser would retry by itself forever: once is enough.
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
        // Someone else may rewind, restart or purge it.
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
