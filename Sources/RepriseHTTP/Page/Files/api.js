// The gateway's addresses, and the outcome of requests to them.

export const base = "/runtime/webhooks/durabletask";

export const instanceAddress = (id) => `${base}/instances/${encodeURIComponent(id)}`;

/** The gateway refused, or did not answer: `status` is 0 when it could not be reached. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const words = {
  403: "That is not allowed here.",
  404: "There is no such instance.",
  409: "It is not in the right state for that.",
  410: "It has ended.",
  412: "Only a failed instance can be rewound.",
  503: "The partition does not answer.",
};

async function send(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, "The gateway cannot be reached.");
  }
  if (response.ok || response.status === 304) return response;
  const body = await response.json().catch(() => null);
  throw new Refusal(response.status, body?.Message ?? words[response.status] ?? `The gateway answered ${response.status}.`);
}

/** The answer's JSON with its headers; null when nothing is new (304). */
export async function get(address, { headers = {}, signal } = {}) {
  const response = await send(address, { headers, signal, cache: "no-store" });
  return { body: response.status === 304 ? null : await response.json(), headers: response.headers };
}

/** The same, but null when the address does not exist or does not accept the request. */
export async function getIfThere(address, options) {
  try {
    return await get(address, options);
  } catch (error) {
    if (error.status === 404 || error.status === 400) return null;
    throw error;
  }
}

/** Sends a command. Sent again with the same key, it is the same command. */
export async function command(method, address, { key, json } = {}) {
  const headers = key ? { "Idempotency-Key": key } : {};
  if (json !== undefined) headers["Content-Type"] = "application/json";
  const response = await send(address, { method, headers, body: json });
  return response.headers.get("Content-Type")?.startsWith("application/json") ? response.json() : null;
}

export const query = (values) => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== "" && value !== null && value !== undefined) parameters.set(name, value);
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
};
