// A value as a form made of its JSON Schema, or as JSON where the schema says nothing or the reader prefers it.
//
// Values are read as text of JSON, never as numbers of JavaScript: what it cannot represent passes through unchanged.

import { button, make } from "./dom.js";

const deepest = 4;
let fields = 0;

/** { element, read() }: `read` gives JSON as text, or throws what is wrong with it. */
export function valueForm(schema, label) {
  const element = make("div", { class: "value-form" });
  let control = null;

  function show(made) {
    control = made;
    element.replaceChildren(control.element);
  }

  function asForm() {
    show(controlOf(schema, label, true, 0));
    element.append(make("p", {}, button("Write it as JSON", () => asJSON(textNow() ?? "null"), { class: "link" })));
  }

  function asJSON(text) {
    show(jsonControl(`${label} (JSON)`, text));
    if (isKnown(schema)) element.append(make("p", {}, button("Use the form", asForm, { class: "link" })));
  }

  function textNow() {
    try {
      return control.read();
    } catch {
      return null;
    }
  }

  if (isKnown(schema)) asForm();
  else asJSON("null");
  return { element, read: () => control.read() ?? "null" };
}

const isKnown = (schema) => schema !== null && typeof schema === "object" && kindOf(schema) !== "json";

/** An optional's schema is that of its value, or null. */
const unwrapped = (schema) => {
  const choices = Array.isArray(schema?.anyOf) ? schema.anyOf.filter((each) => each?.type !== "null") : [];
  return choices.length === 1 ? choices[0] : schema;
};

function kindOf(schema, depth = 0) {
  const inner = unwrapped(schema);
  if (inner === null || typeof inner !== "object") return "json";
  if (Array.isArray(inner.enum)) return "choice";
  if (inner.type === "object" && inner.properties && depth < deepest) return "object";
  if (inner.type === "array" && ["string", "integer", "number"].includes(inner.items?.type) && !inner.items.enum) return "lines";
  return ["string", "integer", "number", "boolean"].includes(inner.type) ? inner.type : "json";
}

/** `read` gives null for an optional that is left out. */
function controlOf(schema, label, isRequired, depth) {
  const inner = unwrapped(schema);
  const kind = kindOf(schema, depth);
  if (kind === "object") return objectControl(inner, label, isRequired, depth);
  if (kind === "choice") return choiceControl(inner, label, isRequired);
  if (kind === "boolean") return isRequired ? checkControl(label) : choiceControl({ enum: [true, false] }, label, false);
  if (kind === "json") return jsonControl(`${label} (JSON)`, isRequired ? "null" : "", isRequired);
  if (kind === "lines") return linesControl(inner, label, isRequired);
  return textControl(inner, label, isRequired);
}

function field(label, input, note = null) {
  input.id = `value-${fields += 1}`;
  return make("div", { class: "field" }, make("label", { for: input.id }, label, note ? make("small", {}, ` ${note}`) : null), input);
}

function objectControl(schema, label, isRequired, depth) {
  const needed = new Set(schema.required ?? []);
  const controls = Object.entries(schema.properties).map(([name, each]) => [name, controlOf(each, name, isRequired && needed.has(name), depth + 1)]);
  return {
    element: make("fieldset", { class: "value" }, make("legend", {}, label), controls.map(([, control]) => control.element)),
    read() {
      const members = controls.map(([name, control]) => [name, control.read()]).filter(([, text]) => text !== null);
      if (members.length === 0 && !isRequired) return null;
      return `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
    },
  };
}

function choiceControl({ enum: values }, label, isRequired) {
  const select = make("select", {}, isRequired ? null : make("option", { value: "" }, "–"),
    values.map((value) => make("option", { value: JSON.stringify(value) }, typeof value === "string" ? value : JSON.stringify(value))));
  return { element: field(label, select, isRequired ? null : "optional"), read: () => select.value || null };
}

function checkControl(label) {
  const box = make("input", { type: "checkbox", id: `value-${fields += 1}` });
  return { element: make("p", { class: "check" }, box, " ", make("label", { for: box.id }, label)), read: () => String(box.checked) };
}

function textControl({ type, format }, label, isRequired) {
  const hint = format === "date-time" ? "2026-01-31T08:00:00Z" : format === "uri" ? "https://…" : "";
  const input = make("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: hint, inputmode: type === "string" ? null : "decimal" });
  const note = [isRequired ? "" : "optional", type === "string" ? "" : type === "integer" ? "whole number" : "number"].filter((each) => each).join(", ");
  return { element: field(label, input, note), read: () => (input.value === "" && !isRequired ? null : scalarText(type, input.value, label)) };
}

function linesControl({ items }, label, isRequired) {
  const input = make("textarea", { rows: 3, spellcheck: "false" });
  return {
    element: field(label, input, `${isRequired ? "" : "optional, "}one a line`),
    read() {
      const lines = input.value.split("\n").filter((line) => line.trim() !== "");
      return lines.length === 0 && !isRequired ? null : `[${lines.map((line) => scalarText(items.type, line, label)).join(",")}]`;
    },
  };
}

function scalarText(type, text, label) {
  if (type === "string") return JSON.stringify(text);
  const trimmed = text.trim();
  const pattern = type === "integer" ? /^-?(0|[1-9]\d*)$/ : /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
  if (!pattern.test(trimmed)) throw new Error(`${label}: that is not a ${type === "integer" ? "whole number" : "number"}.`);
  return trimmed;
}

function jsonControl(label, value, isRequired = true) {
  const input = make("textarea", { rows: 4, spellcheck: "false" });
  input.value = value;
  return {
    element: field(label, input),
    read() {
      const trimmed = input.value.trim();
      if (trimmed === "") return isRequired ? "null" : null;
      try {
        JSON.parse(trimmed);
      } catch (error) {
        throw new Error(`That is not JSON. A text stands in quotation marks. (${error.message})`);
      }
      return trimmed;
    },
  };
}
