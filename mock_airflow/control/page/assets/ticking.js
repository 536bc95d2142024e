// Has the clock in the head go on between two looks at the server, as fast as the deployment's own.

let told = null; // what the server said last, and when

export function setClock({ now, frozen, speed }) {
  told = { at: Date.parse(now), heard: Date.now(), frozen, speed };
  write();
}

export function tick() {
  const time = document.getElementById("now");
  if (time) {
    setClock({ now: time.dateTime, frozen: time.dataset.frozen === "true", speed: Number(time.dataset.speed) });
  }
  setInterval(write, 250);
}

function write() {
  const time = document.getElementById("now");
  if (!time || !told) return;
  const moment = new Date(told.frozen ? told.at : told.at + (Date.now() - told.heard) * told.speed);
  const text = moment.toISOString();
  const shown = `${text.slice(0, 10)} ${text.slice(11, 19)}`;
  if (time.textContent !== shown) time.textContent = shown;
}
