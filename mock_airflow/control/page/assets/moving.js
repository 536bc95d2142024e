// Has what the clock alone moves be drawn anew, such as the bar of a task that runs.

const EVERY = 1000; // milliseconds

export function followClock() {
  setInterval(() => {
    const now = document.getElementById("now");
    if (!document.hidden && now && now.dataset.frozen !== "true" && document.querySelector("[data-moving]")) {
      document.dispatchEvent(new CustomEvent("console:wanted"));
    }
  }, EVERY);
}
