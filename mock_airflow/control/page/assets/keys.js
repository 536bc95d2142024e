// Keys that lead somewhere: g and a page's letter, / to the first search field, arrows from row to row.

let leading = false;

export function keys() {
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.nodeName) || event.target.isContentEditable;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (leading) {
      leading = false;
      const link = document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`);
      if (link) link.click();
    } else if (event.key === "g") {
      leading = true;
    } else if (event.key === "/") {
      const field = document.querySelector("main input[type=search]");
      if (field) {
        event.preventDefault();
        field.focus();
      }
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      move(event, event.key === "ArrowDown" ? 1 : -1);
    }
  });
}

function move(event, by) {
  const row = event.target.closest("[data-row]");
  if (!row) return;
  const rows = [...row.parentElement.querySelectorAll(":scope > [data-row]")];
  const next = rows[rows.indexOf(row) + by];
  const link = next && next.querySelector("a, button");
  if (link) {
    event.preventDefault();
    link.focus();
  }
}
