// Asks for confirmation. Escape and Back do nothing; a refusal by the gateway is shown in the dialog.

import { button, make } from "./dom.js";
import { valueForm } from "./form.js";

/**
 * fields: [{ name, label, kind: "text" | "value" | "check" | "choice", value, options, required, disabled }]
 *         "value" is JSON: a form of the schema that schemaFor(text) gives for the text above it, or the text itself
 * act(values): does it; the dialog closes when it is done. Resolves with its result, or with null.
 */
export function ask({ title, text, fields = [], confirm, isDangerous = false, act }) {
  return new Promise((resolve) => {
    const trouble = make("p", { class: "trouble", role: "alert" });
    const inputs = new Map();
    let result = null;
    const submit = make("button", { type: "submit", class: isDangerous ? "danger" : "primary" }, confirm);
    const controls = fields.map((field) => control(field, inputs));
    const form = make("form", { method: "dialog" },
      make("h2", { id: "dialog-title" }, title),
      text ? make("p", {}, text) : null,
      controls.map((each) => each.host ?? each),
      trouble,
      make("div", { class: "row end" }, button("Back", () => dialog.close()), submit));
    const dialog = make("dialog", { "aria-labelledby": "dialog-title" }, form);
    form.addEventListener("input", () => controls.forEach((each) => each.refresh?.()));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      trouble.textContent = "";
      submit.disabled = true;
      try {
        result = { value: await act(Object.fromEntries([...inputs].map(([name, read]) => [name, read()]))) };
        dialog.close();
      } catch (error) {
        trouble.textContent = error.message;
      }
      submit.disabled = false;
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function control(field, inputs) {
  const id = `field-${field.name}`;
  if (field.kind === "check") {
    const box = make("input", { type: "checkbox", id });
    inputs.set(field.name, () => box.checked);
    return make("p", { class: "check" }, box, " ", make("label", { for: id }, field.label));
  }
  if (field.kind === "choice") {
    const name = `choice-${field.name}`;
    const boxes = field.options.map((option, index) =>
      make("input", { type: "radio", name, id: `${id}-${index}`, value: option.value, checked: index === 0, disabled: option.disabled }));
    inputs.set(field.name, () => boxes.find((box) => box.checked)?.value);
    return make("fieldset", {}, make("legend", {}, field.label), boxes.map((box, index) =>
      make("p", { class: "check" }, box, " ", make("label", { for: box.id }, field.options[index].label))));
  }
  if (field.kind === "value") return valueControl(field, inputs);
  const input = make("input", { id, type: "text", required: field.required, maxlength: 1000, autocomplete: "off" });
  input.value = field.value ?? "";
  inputs.set(field.name, () => input.value);
  const choices = (field.options ?? []).map((option) => button(option, () => {
    input.value = option;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  }, { class: "chip" }));
  return make("div", { class: "field" }, make("label", { for: id }, field.label),
    choices.length > 0 ? make("div", { class: "row" }, choices) : null, input);
}

/** Its form is made anew when the text that it belongs to names something of another schema. */
function valueControl(field, inputs) {
  const above = inputs.get(field.of);
  const host = make("div");
  let schema;
  let control = null;
  const refresh = () => {
    const news = field.schemaFor(above());
    if (control && news === schema) return;
    schema = news;
    control = valueForm(schema, field.label);
    host.replaceChildren(control.element);
  };
  refresh();
  inputs.set(field.name, () => control.read());
  return { host, refresh };
}
