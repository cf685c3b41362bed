// Entities and their states, by name and key; their operations by hand.

import { freshKey } from "./actions.js";
import { base, command, get, query } from "./api.js";
import { ask } from "./dialog.js";
import { button, cell, make, notify, table } from "./dom.js";
import { clock, zone } from "./format.js";
import { poll } from "./poll.js";
import { statusLine } from "./status.js";
import { tree } from "./value.js";

const pageSize = 50;
const interval = 5000;

/** `$` stands for the empty key, which no address can hold. */
const addressOf = ({ name, key }) => `${base}/entities/${encodeURIComponent(name)}/${key === "" ? "$" : encodeURIComponent(key)}`;

export function entitiesPage(container, { parameters, settings, go }) {
  document.title = "Entities – Reprise";
  const name = parameters.get("name") ?? "";
  const results = make("div", { class: "card" });
  const previous = button("Previous", () => turn(-1), { disabled: true });
  const next = button("Next", () => turn(1), { disabled: true });
  const field = make("input", { type: "text", id: "entity-name", name: "name", autocomplete: "off", spellcheck: "false" });
  field.value = name;
  const form = make("form", { class: "filters", role: "search", "aria-label": "Which entities" },
    make("div", { class: "field" }, make("label", { for: field.id }, "Name"), field), make("button", { type: "submit", class: "primary" }, "Show"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(`/entities${query({ name: field.value.trim() })}`);
  });
  container.replaceChildren(make("h1", { tabindex: "-1" }, "Entities"), form, results, make("nav", { class: "row", "aria-label": "Pages of the list" }, previous, next));

  const tokens = [""];
  const opened = new Set();
  let place = 0;

  async function look(isOver) {
    const { body, headers } = await get(`${base}/entities${name ? `/${encodeURIComponent(name)}` : ""}${query({ fetchState: "true", top: pageSize })}`,
      { headers: tokens[place] ? { "x-ms-continuation-token": tokens[place] } : {} });
    if (isOver()) return;
    const token = headers.get("x-ms-continuation-token") ?? "";
    tokens.length = place + 1;
    if (token) tokens.push(token);
    previous.disabled = place === 0;
    next.disabled = !token;
    results.replaceChildren(body.length === 0 ? make("p", { class: "empty" }, "There is no entity.")
      : table("Entities", ["Entity", "State", `Last operation (${zone()})`, ""], body.map(row), { class: "cards" }));
  }

  function turn(step) {
    place += step;
    looks.again();
  }

  function row({ entityId, lastOperationTime, state }) {
    const id = `${entityId.name} ${entityId.key}`;
    const details = make("details", { open: opened.has(id) }, make("summary", {}, statusLine(state)), tree(state));
    details.addEventListener("toggle", () => (details.open ? opened.add(id) : opened.delete(id)));
    const isLarge = state !== null && typeof state === "object";
    return make("tr", {}, make("th", { scope: "row" }, make("span", { class: "id" }, `@${entityId.name}@${entityId.key}`)),
      cell("State", isLarge ? details : tree(state), { class: "said" }), cell("Last operation", clock(lastOperationTime)),
      cell("", settings.readOnly ? null : button("Signal", () => signal(entityId))));
  }

  async function signal(entity) {
    const key = freshKey();
    const done = await ask({
      title: `Signal @${entity.name}@${entity.key}`,
      text: "One-way: accepted once it is committed, whatever the operation then does. The operation ‘delete’ deletes the entity.",
      fields: [{ name: "op", label: "Operation", kind: "text", required: true }, { name: "input", label: "Input", kind: "value", of: "op", schemaFor: () => null }],
      confirm: "Signal",
      act: ({ op, input }) => command("POST", `${addressOf(entity)}${query({ op })}`, { key, json: input }),
    });
    if (!done) return;
    notify("Signaled.");
    setTimeout(looks.again, 500);
  }

  const looks = poll(look, interval, (error) => results.replaceChildren(make("p", { class: "trouble", role: "alert" }, error.message)));
  return looks.stop;
}
