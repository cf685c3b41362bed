// Starts an orchestration: which one, with what, and how it is called.

import { freshKey } from "./actions.js";
import { base, command, getIfThere, query } from "./api.js";
import { link, make, notify } from "./dom.js";
import { valueForm } from "./form.js";

export function startPage(container, { parameters, settings, go }) {
  document.title = "Start – Reprise";
  const heading = make("h1", { tabindex: "-1" }, "Start an orchestration");
  const above = make("nav", { class: "above", "aria-label": "Where you are" }, link("/instances", "Instances"), " / ", "Start");
  if (settings.readOnly) {
    container.replaceChildren(above, heading, make("p", { class: "empty" }, "This gateway is read-only: it starts nothing."));
    return () => {};
  }
  const key = freshKey();
  const trouble = make("p", { class: "trouble", role: "alert" });
  const names = make("datalist", { id: "orchestrators" });
  const text = (name, hint = "") => make("input", { type: "text", id: `start-${name}`, autocomplete: "off", spellcheck: "false", placeholder: hint });
  const labelled = (label, input, note) => make("div", { class: "field" }, make("label", { for: input.id }, label, note ? make("small", {}, ` ${note}`) : null), input);
  const name = Object.assign(text("name"), { required: true });
  name.setAttribute("list", names.id);
  const id = text("id", "made up if it is empty");
  const version = text("version");
  const tags = text("tags", "team:east, region:eu");
  const at = text("at", "2026-01-31T08:00:00Z");
  const known = make("p", { class: "empty" });
  const host = make("div");
  const submit = make("button", { type: "submit", class: "primary" }, "Start");
  let orchestrators = [];
  let shown;
  let input = null;
  let isStopped = false;
  name.value = parameters.get("name") ?? "";
  id.value = parameters.get("id") ?? "";

  function refresh() {
    const found = orchestrators.find((each) => each.name === name.value);
    const schema = found?.inputSchema ?? null;
    known.textContent = name.value === "" ? "" : found ? `On ${found.nodes.join(", ")}.` : "No living node has announced it.";
    if (input && schema === shown) return;
    shown = schema;
    input = valueForm(schema, "Input");
    host.replaceChildren(input.element);
  }

  const form = make("form", { class: "card start" },
    labelled("Orchestrator", name), names, known, host,
    labelled("Instance id", id, "optional"),
    make("details", {}, make("summary", {}, "Version, tags, a later start"),
      labelled("Version", version, "optional"), labelled("Tags", tags, "optional"), labelled("Not before", at, "optional")),
    trouble, make("div", { class: "row" }, submit));
  container.replaceChildren(above, heading, form);
  name.addEventListener("input", refresh);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.textContent = "";
    submit.disabled = true;
    try {
      const options = query({ version: version.value.trim(), startAt: at.value.trim(), ifExists: "refuse" });
      const marks = tags.value.split(",").map((tag) => tag.trim()).filter((tag) => tag !== "").map((tag) => `&tag=${encodeURIComponent(tag)}`).join("");
      const path = [name.value, id.value.trim()].filter((part) => part !== "").map(encodeURIComponent).join("/");
      const links = await command("POST", `${base}/orchestrators/${path}${options}${marks}`, { key, json: input.read() });
      notify("Started.");
      go(`/instances/${encodeURIComponent(links.id)}`);
    } catch (error) {
      trouble.textContent = error.message;
    }
    submit.disabled = false;
  });

  async function learn() {
    const answer = await getIfThere("/orchestrators").catch(() => null);
    if (isStopped) return;
    orchestrators = answer?.body.orchestrators ?? [];
    names.replaceChildren(...orchestrators.map((each) => make("option", { value: each.name })));
    refresh();
  }
  refresh();
  learn();
  return () => { isStopped = true; };
}
