// Dead letters: messages that could not be processed, why, and what can be done with them.

import { command, get, query } from "./api.js";
import { doForAll } from "./bulk.js";
import { ask } from "./dialog.js";
import { button, cell, find, instanceLink, make, notify, table } from "./dom.js";
import { clock, count, cut, many, moment, zone } from "./format.js";
import { poll } from "./poll.js";
import { tree } from "./value.js";

const pageSize = 50;
/** What lies deeper is shown once those before it are dealt with. */
const deepest = 1000;
/** Each look holds up the others that look: it is not done too often. */
const interval = 10000;

const addressOf = (id) => `/dead-letters/${encodeURIComponent(id)}`;

/** The number beside the page's name, wherever one is; null when the broker does not tell. */
export function showDeadLetters(number) {
  if (number === null || number === undefined) return;
  const badge = find("#dead-count");
  badge.hidden = number === 0;
  badge.textContent = number === 0 ? "" : count(number);
}

export function deadLettersPage(container, { settings }) {
  document.title = "Dead letters – Reprise";
  const summary = make("p", { class: "summary", role: "status" });
  const results = make("div", { class: "card" });
  const bulk = make("div", { class: "row", role: "group", "aria-label": "What can be done with those shown" });
  const previous = button("Previous", () => turn(-1), { disabled: true });
  const next = button("Next", () => turn(1), { disabled: true });
  container.replaceChildren(make("h1", { tabindex: "-1" }, "Dead letters"),
    make("p", { class: "empty" }, "Messages that could not be processed, oldest first. Mend the cause, then retry them; they stay until someone does, or drops them."),
    summary, bulk, results, make("nav", { class: "row", "aria-label": "Pages of the list" }, previous, next));

  let place = 0;

  async function look(isOver) {
    const { body } = await get(`/dead-letters${query({ skip: place * pageSize, top: pageSize })}`);
    if (isOver()) return;
    // The last page may have emptied meanwhile.
    if (body.letters.length === 0 && place > 0) return turn(-1);
    const { total, letters } = body;
    showDeadLetters(total);
    const first = place * pageSize;
    previous.disabled = place === 0;
    next.disabled = first + letters.length >= total || first + pageSize > deepest;
    const isCut = first + pageSize > deepest && first + letters.length < total;
    summary.textContent = total === 0 ? "" : letters.length === total ? many(total, "letter")
      : `${count(first + 1)} to ${count(first + letters.length)} of ${many(total, "letter")}${isCut ? "; the others are shown once these are dealt with" : ""}`;
    results.replaceChildren(letters.length === 0 ? make("p", { class: "empty" }, "There is no dead letter.")
      : table("Dead letters", ["What it was", "Why", `Put aside (${zone()})`, ""], letters.map(row), { class: "cards letters" }));
    bulk.replaceChildren(...(settings.readOnly || letters.length < 2 ? [] : [
      button(`Retry these ${count(letters.length)}`, () => retryAll(letters)), button(`Drop these ${count(letters.length)}`, () => dropAll(letters), { class: "danger" })]));
  }

  function turn(step) {
    place += step;
    looks.again();
  }

  function row(letter) {
    const { id, reason, code, time, routingKey, instanceId, isKept } = letter;
    const isOurs = id !== "";
    return make("tr", {}, make("th", { scope: "row" }, make("span", { class: "id" }, cut(routingKey, 80)), instanceId ? make("small", {}, " for ", instanceLink(instanceId)) : null),
      cell("Why", make("div", {}, cut(reason, 180), " ", make("small", {}, code))), cell("Put aside", clock(time)),
      cell("", isOurs ? make("div", { class: "row" }, button("Look", () => open(id), { "aria-label": `Look at ${id}` }),
        settings.readOnly || !isKept ? null : button("Retry", () => retry(letter), { "aria-label": `Retry ${id}` }),
        settings.readOnly ? null : button("Drop", () => drop(letter), { class: "danger", "aria-label": `Drop ${id}` })) : "no message of a node"));
  }

  async function open(id) {
    try {
      const { body } = await get(addressOf(id));
      show(body);
    } catch (error) {
      notify(error.message, true);
      looks.again();
    }
  }

  const retry = ({ id, routingKey, exchange }) => settle({
    title: "Retry",
    text: `Sends the message again to ${exchange ? `${exchange}, ${routingKey}` : routingKey}, and removes the letter. One that still cannot be processed comes back.`,
    confirm: "Retry",
    act: () => command("POST", `${addressOf(id)}/retry`),
  }, "Sent again.");

  const drop = ({ id }) => settle({
    title: "Drop", text: `Deletes '${id}' with its message, for good.`, confirm: "Drop for good", isDangerous: true,
    act: () => command("DELETE", addressOf(id)),
  }, "Dropped.");

  const retryAll = (letters) => settleAll(letters.filter((letter) => letter.isKept), {
    title: "Retry", text: "Sends these messages again, oldest first, and removes their letters. Those that still cannot be processed come back.",
    confirm: "Retry", past: "sent again", act: ({ id }) => command("POST", `${addressOf(id)}/retry`),
  });

  const dropAll = (letters) => settleAll(letters, {
    title: "Drop", text: "Deletes these letters with their messages, for good.", confirm: "Drop for good", isDangerous: true,
    past: "dropped", act: ({ id }) => command("DELETE", addressOf(id)),
  });

  async function settle(question, done) {
    const result = await ask(question);
    if (result) notify(done);
    looks.again();
  }

  async function settleAll(letters, question) {
    await doForAll(letters.filter((letter) => letter.id !== ""), { noun: "letter", ...question });
    looks.again();
  }

  const looks = poll(look, interval, (error) => {
    summary.textContent = "";
    bulk.replaceChildren();
    results.replaceChildren(make("p", { class: "trouble", role: "alert" }, error.message));
  });
  return looks.stop;
}

function show(letter) {
  const facts = [["Why", letter.reason], ["Code", letter.code], ["Put aside", moment(letter.time)], ["Sent to", letter.exchange ? `${letter.exchange}, ${letter.routingKey}` : letter.routingKey],
    ["Instance", letter.instanceId && instanceLink(letter.instanceId)], ["Type", letter.type], ["Message id", letter.messageId], ["Sender", letter.appId],
    ...Object.entries(letter.headers)].filter(([, value]) => value);
  const dialog = make("dialog", { "aria-labelledby": "letter-title", class: "wide" },
    make("h2", { id: "letter-title" }, `Dead letter ${letter.id}`),
    make("dl", { class: "facts" }, facts.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
    make("h3", {}, "Message"), bodyOf(letter),
    make("div", { class: "row end" }, button("Back", () => dialog.close())));
  for (const each of dialog.querySelectorAll("a")) each.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** What is whole and JSON is shown as a value, anything else as it is. */
function bodyOf({ body, isTruncated, isKept, size }) {
  if (!isKept) return make("p", { class: "empty" }, `It was not kept: ${count(size)} bytes are too many. Its sender must send it again.`);
  if (body === "") return make("p", { class: "empty" }, "It is empty.");
  if (isTruncated) return make("div", {}, make("p", { class: "empty" }, `The beginning of ${count(size)} bytes:`), make("pre", {}, body));
  try {
    return tree(JSON.parse(body));
  } catch {
    return make("pre", {}, body);
  }
}
