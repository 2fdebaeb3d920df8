// Starts the page. If a file does not arrive, says so, and tries again when the network is back.

/** Say that a file of the page is missing, with a button that loads the page again. */
export function sayIncomplete() {
  const notice = document.getElementById("notice");
  const again = document.createElement("button");
  again.append("Try again");
  again.addEventListener("click", () => location.reload());
  notice.replaceChildren("A part of this page did not load. ", again);
  window.addEventListener("online", () => location.reload());
}

import("./main.js").then(() => document.getElementById("loading").remove(), sayIncomplete);
