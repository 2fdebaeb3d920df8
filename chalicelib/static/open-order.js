// Asks before an order replaces an open one.

import { byId } from "./dom.js";
import { nameOf, statusOf, timeOf } from "./order.js";

const dialog = byId("open-order");
const otherName = byId("other-name");

let resolveAnswer = () => {};

export function start() {
  byId("change-it").addEventListener("click", () => answer({}));
  byId("add-another").addEventListener("submit", (event) => {
    event.preventDefault();
    const accountid = otherName.value.trim();
    if (accountid) answer({ accountid });
    else otherName.focus();
  });
  byId("keep-it").addEventListener("click", () => answer(null));
  dialog.addEventListener("close", () => resolveAnswer(null)); // by the Escape key
}

/**
 * Ask what to do if another order is open under the same name. Resolves to {} to replace it, to
 * { accountid } for another name, or to null for neither.
 */
export function ask(open, newOrder) {
  const status = open.status === "placed" ? "" : ` ${statusOf(open)}: it can no longer be changed.`;
  byId("open-order-what").textContent =
    `${nameOf(open)} for ${open.accountid} at ${open.vendorid}, placed ${timeOf(open)}.${status}`;
  byId("change-it").textContent = `Change it to ${nameOf(newOrder)}`;
  byId("change-it").hidden = open.status !== "placed";
  otherName.value = nextName(open.accountid);
  dialog.showModal();
  return new Promise((resolve) => (resolveAnswer = resolve));
}

/** Close the question without an answer. */
export const close = () => dialog.open && answer(null);

function answer(choice) {
  resolveAnswer(choice);
  dialog.close();
}

/** "Ann" becomes "Ann 2", "Ann 2" becomes "Ann 3". */
function nextName(name) {
  const [, stem, number] = /^(.*?)(?: (\d{1,3}))?$/s.exec(name);
  return `${stem.slice(0, 120)} ${Number(number ?? 1) + 1}`;
}
