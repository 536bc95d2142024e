// Follows what moves on the server. A tab that nobody looks at holds no connection, and of several windows one holds it
// for all: a browser has six to a server, and a window that waits for the seventh does not even load.

const AGAIN = 2000; // milliseconds until another try, where the browser itself has given up

/** Call `moved` with each event's data, and `away` with the time of the last one, or with null when it is back. */
export function follow(url, moved, away) {
  const windows = new BroadcastChannel(url);
  let source = null;
  let turn = null; // this window's wish to hold the connection, or its end
  let last = new Date();
  let latest = null; // event's data
  let timer = 0;
  let why = ""; // the server is away, where it said so itself

  function take(kind, data) {
    if (kind === "away") {
      why = data || why;
      away(last, why);
      return;
    }
    [last, why, latest] = [new Date(), "", data];
    away(null);
    moved(JSON.parse(data), kind);
  }

  function pass(kind, data) {
    take(kind, data);
    windows.postMessage([kind, data]);
  }

  windows.addEventListener("message", (event) => {
    const [kind, data] = event.data;
    if (kind === "hello") {
      if (source && latest) windows.postMessage(["change", latest]);
    } else if (!document.hidden) {
      take(kind, data);
    }
  });

  function connect() {
    source = new EventSource(url);
    source.addEventListener("change", (event) => pass("change", event.data));
    source.addEventListener("beat", (event) => pass("beat", event.data));
    source.addEventListener("away", (event) => pass("away", JSON.parse(event.data).detail));
    source.addEventListener("error", () => {
      const ended = source && source.readyState === EventSource.CLOSED;
      timer = setTimeout(() => {
        if (ended || (source && source.readyState !== EventSource.OPEN)) pass("away", why);
        if (ended) {
          close();
          open();
        }
      }, AGAIN);
    });
    source.addEventListener("open", () => clearTimeout(timer));
  }

  function open() {
    if (turn || document.hidden) return;
    const mine = (turn = new AbortController());
    if (!navigator.locks) return connect(); // there is none where the page came by plain HTTP from another machine
    const held = () => new Promise((resolve) => {
      if (mine.signal.aborted) return resolve();
      mine.signal.addEventListener("abort", resolve);
      connect();
    });
    navigator.locks.request(`mock-airflow ${url}`, { signal: mine.signal }, held).catch(() => {}); // it was closed
    windows.postMessage(["hello"]);
  }

  function close() {
    clearTimeout(timer);
    if (source) source.close();
    if (turn) turn.abort();
    source = turn = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
}
