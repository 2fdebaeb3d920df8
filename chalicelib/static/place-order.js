// Places an order. A dialog asks before it replaces an open order, and a retry after a lost response
// does not order twice.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { RequestError } from "./network.js";
import { isOpen, keyOf, orderText, placedText, sameKey, statusText } from "./order.js";
import { session } from "./session.js";

const dialog = byId("open-order");
const otherName = byId("other-name");

let resolveAnswer = () => {};
let unanswered = null; // the order that was sent and not answered

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

/** Forget the order of a customer who signed out. */
export function forget() {
  unanswered = null;
  if (dialog.open) answer(null);
}

/**
 * Place an order, after a question if it would replace an open one. `myOrders` are the customer's
 * known orders. Returns { order, words }, where `words` tell what happened to an earlier order, or
 * null if the customer keeps the open one.
 */
export async function place({ accountid, vendorid, ...details }, myOrders) {
  const content = JSON.stringify([accountid, vendorid, details]);
  // A repeated order has the same date, so the service recognizes it.
  if (unanswered?.content !== content) unanswered = { content, orderdate: new Date().toISOString() };
  const newOrder = { accountid, vendorid, orderdate: unanswered.orderdate, details };
  const login = session.login;
  const existingOrder = await api.findOrder(keyOf(newOrder));
  const isOther = existingOrder && isOpen(existingOrder) && existingOrder.orderdate !== newOrder.orderdate;
  if (isOther) await requireOwn(existingOrder, myOrders);
  session.requireCurrent(login);
  if (isOther) {
    const choice = await askAbout(existingOrder, newOrder);
    session.requireCurrent(login);
    if (!choice) return null;
    if (choice.accountid) return place({ ...choice, vendorid, ...details }, myOrders);
  }
  const { order, outcome } = await api.placeOrder(newOrder);
  unanswered = null;
  if (isOther) return { order, words: ` It replaces ${orderText(existingOrder)}.` };
  if (outcome === "unchanged") return { order, words: " It was already placed, and is not placed twice." };
  // Another device of the customer has placed an order since the look-up.
  if (outcome === "replaced" && !existingOrder) return { order, words: " It replaces another order of yours." };
  return { order, words: "" };
}

/** Throw RequestError unless an open order is one of the customer's. */
async function requireOwn(open, myOrders) {
  const has = (orders) => orders.some((each) => sameKey(each, open));
  if (has(myOrders) || has((await api.myOrders()).orders)) return;
  throw new RequestError(403, "ForbiddenError", "This is another customer's order");
}

/** Return a rejection as { field, words }; the service names fields: `order.details.quantity: …`. */
export function explain(error) {
  const [, field, reason] = /^order\.(?:details\.)?(\w+): (.*)$/s.exec(error.message) ?? [];
  if (error.status === 400 && field) return { field, words: `This ${reason}.` };
  if (error.status === 403) return { field: "accountid", words: "Another customer has an open order under this name here: choose another name." };
  if (error.status === 409 && field === "orderdate") return { words: "A newer order of yours is there already: look at your orders." };
  if (error.status === 409) return { field, words: sentence(reason ?? error.message) };
  return error;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}`;

/**
 * Ask what to do if another order is open under the same name. Resolves to {} to replace it, to
 * { accountid } for another name, or to null for neither.
 */
function askAbout(open, newOrder) {
  const status = open.status === "placed" ? "" : ` ${statusText(open)}: it can no longer be changed.`;
  byId("open-order-what").textContent =
    `${orderText(open)} for ${open.accountid} at ${open.vendorid}, placed ${placedText(open)}.${status}`;
  byId("change-it").textContent = `Change it to ${orderText(newOrder)}`;
  byId("change-it").hidden = open.status !== "placed";
  otherName.value = nextName(open.accountid);
  dialog.showModal();
  return new Promise((resolve) => (resolveAnswer = resolve));
}

function answer(choice) {
  resolveAnswer(choice);
  dialog.close();
}

/** "Ann" becomes "Ann 2", "Ann 2" becomes "Ann 3". */
function nextName(name) {
  const [, stem, number] = /^(.*?)(?: (\d{1,3}))?$/s.exec(name);
  return `${stem.slice(0, 120)} ${Number(number ?? 1) + 1}`;
}
