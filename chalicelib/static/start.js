// Starts the page. If a file does not arrive, says so, and tries again when the network is back.

/** Say that a file of the page is missing, with a button that loads the page again. */
export function sayIncomplete() {
  const notice = document.getElementById("notice");
  const again = document.createElement("button");
  again.append("Try again");
  again.addEventListener("click", () => location.reload());
  notice.replaceChildren("This page is incomplete. ", again);
  window.addEventListener("online", () => location.reload());
}

/**
 * Responses, by their URLs, that `network.js` takes instead of sending a request: the shop in the
 * address is asked for at once, and not after the other files. The script's tag is `async`, because
 * other scripts wait for the stylesheet.
 */
export const early = new Map();
const vendorid = new URLSearchParams(location.hash.split("?")[1]).get("shop");
const { href } = new URL("shop?" + new URLSearchParams({ vendorid }), document.baseURI);
const end = new AbortController();
setTimeout(() => end.abort(), 30_000); // as network.js gives up
if (vendorid) early.set(href, fetch(href, { cache: "no-store", signal: end.signal }).catch(() => null));

import("./main.js").then(() => document.getElementById("loading").remove(), sayIncomplete);
