// Which page is shown: the part of the address after the #.
//
//   #/   #/instances?filter=…&runtimeStatus=…   #/instances/<id>   #/start?name=…   #/entities?name=…   #/schedules   #/dead

import { get } from "./api.js";
import { deadLettersPage, showDeadLetters } from "./dead.js";
import { find } from "./dom.js";
import { entitiesPage } from "./entities.js";
import { instancePage } from "./instance.js";
import { listPage } from "./list.js";
import { overviewPage } from "./overview.js";
import { poll } from "./poll.js";
import { schedulesPage } from "./schedules.js";
import { startPage } from "./start.js";

const pages = { "/instances": ["list", listPage], "/start": ["list", startPage], "/entities": ["entities", entitiesPage], "/schedules": ["schedules", schedulesPage], "/dead": ["dead", deadLettersPage] };
/** How often the number of dead letters beside their page is read. */
const deadInterval = 15000;
const settings = { hub: "", readOnly: false };
let leave = () => {};

function go(hash) {
  if (location.hash === `#${hash}`) show();
  else location.hash = hash;
}

function show() {
  leave();
  const [path, parameters = ""] = location.hash.replace(/^#/, "").split(/\?(.*)/s);
  const container = find("#content");
  const instance = /^\/instances\/(.+)$/s.exec(path);
  const [page, open] = instance ? ["list", null] : pages[path] ?? ["overview", overviewPage];
  for (const each of document.querySelectorAll("nav [data-page]")) {
    if (each.dataset.page === page) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  if (instance) leave = instancePage(container, { id: decode(instance[1]), settings, go });
  else leave = open(container, { parameters: new URLSearchParams(parameters), settings, go });
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A screen reader announces the new page by its heading. */
function showAnother() {
  show();
  find("#content h1")?.focus();
}

async function begin() {
  try {
    const { body } = await get("/overview");
    settings.hub = body.hub;
    settings.readOnly = body.readOnly;
    find("#hub").textContent = body.hub;
    find("#read-only").hidden = !body.readOnly;
  } catch {
    setTimeout(begin, 2000);
    find("#notice").textContent = "The gateway does not answer; trying again …";
    return;
  }
  find("#notice").textContent = "";
  find(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    find("#content").focus();
  });
  addEventListener("hashchange", showAnother);
  show();
  // Whichever page is open; what it cannot learn stays as it was.
  poll(async () => showDeadLetters((await get("/overview")).body.deadLetters), deadInterval, () => {});
}

begin();
