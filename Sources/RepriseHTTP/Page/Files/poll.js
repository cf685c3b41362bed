// Looks again and again, while someone looks at the page.

/**
 * look(): async; called at once, and `pause` milliseconds after it is done. fail(error): what it threw.
 *
 * { again(), stop() }: `again` looks at once, and goes on from there.
 */
export function poll(look, pause, fail) {
  let timer = null;
  let isStopped = false;
  let round = 0;

  async function once() {
    clearTimeout(timer);
    round += 1;
    const mine = round;
    try {
      if (!document.hidden) await look(() => isStopped || mine !== round);
    } catch (error) {
      if (!isStopped && mine === round) fail(error);
    }
    if (!isStopped && mine === round) timer = setTimeout(once, pause);
  }

  once();
  return {
    again: once,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
