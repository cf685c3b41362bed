// One command for all that are shown: one after the other, after one question.

import { ask } from "./dialog.js";
import { notify } from "./dom.js";
import { count, many } from "./format.js";

/** What is not there any more, or not in the state for it: someone else was faster. */
const overtaken = new Set([404, 409, 410, 412]);

/**
 * title: "Retry" · noun: "letter" · past: "sent again" · act(thing, values): does it for one.
 *
 * Anything but having been overtaken ends it: the dialog says how far it came, and goes on from there if it is asked to.
 */
export async function doForAll(things, { title, noun, past, act, ...question }) {
  let done = 0;
  let missed = 0;
  const left = [...things];
  const result = await ask({
    ...question,
    title: `${title} ${many(things.length, noun)}`,
    async act(values) {
      while (left.length > 0) {
        try {
          await act(left[0], values);
          done += 1;
        } catch (error) {
          if (!overtaken.has(error.status)) throw new Error(`${count(done)} of ${count(things.length)} ${past}. ${error.message}`);
          missed += 1;
        }
        left.shift();
      }
    },
  });
  if (result) notify(`${many(done, noun)} ${past}.${missed > 0 ? ` ${count(missed)} had changed meanwhile.` : ""}`);
}
