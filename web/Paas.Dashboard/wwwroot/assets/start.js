// What a page does by itself: begin the circuit and hold it through a restart of the platform, copy, switch the theme, keep times current.
const note = document.getElementById("connection");
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
let down = false;

// Scripts that ask the circuit by themselves leave it alone meanwhile: Blazor reports each call that it cannot send as an error.
function setDown(value) {
  down = value;
  document.documentElement.toggleAttribute("data-away", value);
}

// What somebody wrote into fields, by field: Blazor may have put another element into a field's place since.
const FIELDS = "textarea, input:not([type=search], [type=checkbox], [type=radio])";
const typed = new Map();
document.addEventListener("input", (event) => {
  if (event.isTrusted && event.target.matches(FIELDS)) typed.set(event.target, event.target.value);
});

// The old circuit is taken up where it was if the server still has it; if the platform has restarted, the page is loaded again.
async function comeBack() {
  if (down) return;
  setDown(true);
  for (let tries = 0; down; tries++) {
    if (tries === 2) say("The connection to the platform is lost. Trying again…");
    try {
      const back = await Blazor.reconnect();
      if (back === false) return loadAgain();
      if (back) break;
    } catch {
      if (tries >= 1 && await answers()) return loadAgain();
    }
    await wait(Math.min(250 * 2 ** tries, 3000));
  }
  setDown(false);
  say(null);
}

// Nothing that was typed goes without its writer's yes.
function loadAgain() {
  const texts = new Set(typed.values());
  if (![...document.querySelectorAll(FIELDS)].some((field) => field.value !== "" && texts.has(field.value) && field.checkVisibility())) return location.reload();
  say("The platform has restarted. What you typed is still in this page: copy what you need, then load it again.");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Load the page again";
  button.addEventListener("click", () => location.reload());
  note.append(" ", button);
}

async function answers() {
  try {
    return (await fetch("/readyz", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

function say(text) {
  note.hidden = text === null;
  note.textContent = text ?? "";
}

if (window.Blazor) {
  Blazor.start({
    circuit: {
      reconnectionHandler: { onConnectionDown: () => { comeBack(); }, onConnectionUp: () => { setDown(false); say(null); } },
    },
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  const told = button.querySelector("[data-copied]");
  if (told) {
    told.hidden = false;
    setTimeout(() => { told.hidden = true; }, 1500);
  }
});

// Without HTTPS only localhost has navigator.clipboard.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const choice = event.target.value;
  document.cookie = `theme=${choice}; path=/; max-age=31536000; samesite=lax`;
  document.documentElement.dataset.theme = choice;
  for (const sheet of document.querySelectorAll("link[data-sheet]")) {
    sheet.media = choice === "system" ? `(prefers-color-scheme: ${sheet.dataset.sheet})` : choice === sheet.dataset.sheet ? "all" : "not all";
  }
  for (const radio of document.querySelectorAll(`[data-theme-switch] input[value="${choice}"]`)) radio.checked = true;
});

// The server's clock counts, not the browser's.
const skew = Date.now() - Number(document.querySelector("meta[name=server-time]")?.content ?? Date.now());

// The same words as Say.Ago.
function ago(seconds) {
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return seconds < 2592000 ? `${Math.floor(seconds / 86400)} d ago` : null;
}

setInterval(() => {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const words = ago((Date.now() - skew - Date.parse(time.dateTime)) / 1000);
    const text = time.firstChild;
    // Blazor keeps its hold on the text node: only its words change.
    if (words && text && text.data !== words) text.data = words;
  }
}, 10_000);

// The same words as Say.Duration.
function lasted(seconds) {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (seconds < 59.5) return `${seconds.toFixed(0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}

// What runs now counts on by itself (Elapsed.razor).
setInterval(() => {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-since]")) {
    if (time.firstChild) time.firstChild.data = lasted((Date.now() - skew - Date.parse(time.dateTime)) / 1000);
  }
}, 1000);

document.addEventListener("click", (event) => {
  const sheet = document.getElementById("more");
  if (sheet && event.target.closest("#more a")) sheet.hidePopover();
});
document.querySelector("#blazor-error-ui .reload")?.addEventListener("click", (event) => { event.preventDefault(); location.reload(); });
