// Follows what moves on the server. A tab that nobody looks at holds no connection: a browser has few of them.

const AGAIN = 2000; // milliseconds until another try, where the browser itself has given up

/** Call `moved` with each event's data, and `away` with the time of the last one, or with null when it is back. */
export function follow(url, moved, away) {
  let source = null;
  let last = new Date();
  let timer = 0;
  let why = ""; // the server is away, where it said so itself

  function heard(event) {
    last = new Date();
    why = "";
    away(null);
    moved(JSON.parse(event.data), event.type);
  }

  function open() {
    clearTimeout(timer);
    if (source || document.hidden) return;
    source = new EventSource(url);
    source.addEventListener("change", heard);
    source.addEventListener("beat", heard);
    source.addEventListener("away", (event) => {
      why = JSON.parse(event.data).detail;
      away(last, why);
    });
    source.addEventListener("error", () => {
      const ended = source && source.readyState === EventSource.CLOSED;
      timer = setTimeout(() => {
        if (ended || (source && source.readyState !== EventSource.OPEN)) away(last, why);
        if (ended) {
          close();
          open();
        }
      }, AGAIN);
    });
    source.addEventListener("open", () => clearTimeout(timer));
  }

  function close() {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
}
