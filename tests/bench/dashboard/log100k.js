import { open } from "/assets/logview.js";

// Scrolls up and down through the whole log at reading, wheel and thumb speed, and counts the frames that the page got drawn meanwhile.

const LINES = 100_000;
const SECONDS = 6;
const SPEEDS = [60, 1_000, 20_000];

const frame = () => new Promise((done) => requestAnimationFrame(done));

async function rate(step) {
  const began = performance.now();
  let frames = 0;
  for (; performance.now() - began < SECONDS * 1000; frames++) {
    step(frames);
    await frame();
  }
  return frames * 1000 / (performance.now() - began);
}

function scroller(element) {
  let direction = -1;
  return (frames) => {
    element.scrollTop += direction * SPEEDS[Math.floor(frames / 30) % SPEEDS.length];
    if (element.scrollTop <= 0) direction = 1;
    else if (element.scrollTop + element.clientHeight >= element.scrollHeight - 1) direction = -1;
  };
}

const empty = await rate(() => {});
const view = document.querySelector(".view");
localStorage.clear();
open(view, { mode: "app", url: "/logs" });
const rows = view.querySelector(".scroller");
while (rows.scrollHeight < LINES * 20) await frame();
rows.scrollTop -= 100;
const log = await rate(scroller(rows));
[...view.querySelectorAll(".bar button")].find((button) => button.textContent === "Wrap").click();
const wrapped = await rate(scroller(rows));
await fetch("/result", { method: "POST", body: [log, empty, wrapped].map((fps) => fps.toFixed(1)).join(" ") });
