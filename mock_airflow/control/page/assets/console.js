// The console's script: what is live is asked for anew when something moved, forms are sent without leaving the page,
// keys lead to the pages. Without it every page reads, and every form works, all the same.

import { morph } from "./morph.js";
import { follow } from "./stream.js";
import { keys } from "./keys.js";
import { tick, setClock } from "./ticking.js";

const root = document.querySelector('meta[name="mock-airflow-root"]').content;
const PAUSE = 400; // milliseconds between two looks at the server, however much moves

let shown = location.pathname + location.search;
let looking = null; // what is being asked for
let wanted = false;

/** Ask for the page as it is now, and have its live parts become like that. */
function refresh() {
  if (document.querySelector("main > .problem")) return; // nothing on it moves, and it would be refused again
  wanted = true;
  if (looking) return;
  wanted = false;
  const here = location.href;
  // The header leaves what is to be told once to the page that a form leads to, which may be on its way.
  looking = fetch(here, { headers: { Accept: "text/html", "X-Mock-Airflow-Refresh": "1" } })
    .then(async (answer) => {
      if (here !== location.href) return;
      if (answer.redirected) return location.reload(); // the control token is asked for again
      if (!answer.ok) return isPage(answer) ? tell(await sentence(answer)) : away(new Date(), await sentence(answer));
      const fresh = parsed(await answer.text());
      for (const old of document.querySelectorAll("[data-live]")) {
        const found = fresh.getElementById(old.id);
        if (found && !held(old)) morph(old, found);
      }
      document.dispatchEvent(new CustomEvent("console:refreshed"));
    })
    .catch(() => {}) // the stream of events tells that the server is away
    .finally(() => {
      setTimeout(() => {
        looking = null;
        if (wanted) refresh();
      }, PAUSE);
    });
}

/** Whether somebody points at it or is in it: what is being read does not move away. */
function held(part) {
  const is = part.hasAttribute("data-hold") && part.matches(":hover, :focus-within");
  part.classList.toggle("behind", is);
  if (is) for (const name of ["pointerleave", "focusout"]) part.addEventListener(name, refresh, { once: true });
  return is;
}

function parsed(text) {
  return new DOMParser().parseFromString(text, "text/html");
}

function isPage(answer) {
  return (answer.headers.get("Content-Type") || "").startsWith("text/html");
}

/** What an answer says that is not what was asked for, such as that a run is not there any more. */
async function sentence(answer) {
  const text = await answer.text();
  const said = isPage(answer) && parsed(text).querySelector("main .problem");
  if (said) return said.textContent;
  try {
    return JSON.parse(text).detail || text;
  } catch {
    return `It answered ${answer.status}.`;
  }
}

/** Say what did not work. */
function tell(text) {
  if (document.querySelector("#notices .problem")?.textContent === text) return;
  const said = document.createElement("p");
  said.className = "banner problem";
  said.textContent = text;
  document.getElementById("notices").replaceChildren(said);
}

/** Show a page that came as an answer in place of this one. */
function show(text, url) {
  const fresh = parsed(text);
  if (url !== location.href) history.pushState(null, "", url);
  shown = location.pathname + location.search;
  document.title = fresh.title;
  for (const id of ["about", "notices", "main"]) {
    const [old, found] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && found) morph(old, found);
  }
  if (document.activeElement === document.body) document.getElementById("main").focus(); // what had it is gone
  document.dispatchEvent(new CustomEvent("console:refreshed"));
}

async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } });
  if (!isPage(answer)) {
    tell(await sentence(answer));
    return;
  }
  show(await answer.text(), answer.redirected ? answer.url : location.href);
  if (answer.ok && !document.querySelector("#notices .problem")) form.reset();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("data-plain") || event.defaultPrevented) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  send(form, event.submitter)
    .catch(() => away(new Date()))
    .finally(() => delete form.dataset.busy);
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("data-filter")) form.requestSubmit();
});

// A filter's empty fields are no part of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.hasAttribute("data-filter")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText("value" in source ? source.value : source.textContent);
  button.textContent = "Copied";
});

/** Show what only script can do. */
function offer() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}
document.addEventListener("console:refreshed", offer);
offer();

window.addEventListener("popstate", () => {
  if (shown !== location.pathname + location.search) location.reload(); // and not for a place on the same page
});

function away(since, detail) {
  const banner = document.getElementById("away");
  if (!since) {
    banner.hidden = true;
    return;
  }
  banner.textContent = `The server went away, last seen ${since.toLocaleTimeString()} by this machine's clock.` + (detail ? ` ${detail}` : "");
  banner.hidden = false;
}

follow(
  `${root}/events`,
  (told, kind) => {
    setClock(told);
    if (kind === "change") refresh();
  },
  away,
);
// What moves with the clock alone, such as a level that fills up, is no event.
setInterval(() => {
  const time = document.getElementById("now");
  if (!document.hidden && time.dataset.frozen === "false" && document.querySelector("[data-moving]")) refresh();
}, 1000);
keys();
tick();
document.documentElement.dataset.ready = ""; // for who drives a browser: what is pressed from now on is heard
