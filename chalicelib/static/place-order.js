// Places an order. A precondition protects what the customer has not seen, and a dialog asks before
// an open order is replaced. If the answer is lost, the same order is sent again until one arrives:
// the service recognizes it, so nothing is ordered twice.

import * as api from "./api.js";
import { byId, setText } from "./dom.js";
import { NotTheService, OFFLINE, RequestError, serverNow, Unreachable } from "./network.js";
import { isOpen, keyOf, orderText, placedText, sameKey, statusText } from "./order.js";
import { session, tabStore } from "./session.js";

const UNANSWERED = "coffee-orders.unanswered"; // the order that was sent: { username, order, headers }
const RETRY_DELAY = 4_000; // ms
const RESEND_TIME = 600_000; // ms; later, an order is only looked up

const dialog = byId("open-order");
const otherName = byId("other-name");
const doubt = byId("doubt");

let resolveAnswer = () => {};
let endWait = () => {};
let isSending = false;
let isStopped = false; // by the customer

export function start() {
  byId("change-it").addEventListener("click", () => answer({}));
  byId("add-another").addEventListener("submit", (event) => {
    event.preventDefault();
    const accountid = otherName.value.trim();
    if (accountid) answer({ accountid });
    else otherName.focus();
  });
  byId("keep-it").addEventListener("click", () => answer(null));
  byId("stop-sending").addEventListener("click", () => {
    isStopped = true;
    setText(byId("doubt-words"), "Stopping …");
    endWait();
  });
  dialog.addEventListener("cancel", () => resolveAnswer(null)); // by the Escape key
  window.addEventListener("online", () => endWait());
}

/** End the work for a customer who signed out; an unanswered order stays if they did not intend to. */
export function forget(keepOrder) {
  if (!keepOrder) tabStore.remove(UNANSWERED);
  endWait();
  if (dialog.open) answer(null);
}

/**
 * Place an order, after a question if it would replace an open one. `knownOrders` are the customer's
 * own. Returns { order, words }, where `words` tell what happened to an earlier order, or null if the
 * customer keeps the open one.
 */
export async function place(newOrder, knownOrders) {
  if (isSending) throw new Error("Your last order is still on its way.");
  const existingOrder = knownOrders.find((each) => isOpen(each) && sameKey(each, newOrder));
  return placeOver(existingOrder ?? null, newOrder, knownOrders);
}

/** Place an order in place of `existingOrder`, which the customer is asked about, or of none. */
async function placeOver(existingOrder, newOrder, knownOrders) {
  const login = session.login;
  if (existingOrder) {
    const choice = await askAbout(existingOrder, newOrder);
    session.requireCurrent(login);
    if (!choice) return null;
    if (choice.accountid) return place({ ...newOrder, ...choice }, knownOrders);
  }
  const headers = existingOrder ? api.ifMatch(existingOrder) : { "If-None-Match": "*" };
  // The server's clock: with that of this device the date could be in the future.
  const order = { ...newOrder, orderdate: new Date(serverNow()).toISOString() };
  try {
    const placedOrder = await sendUntilAnswered(order, headers);
    return { order: placedOrder, words: existingOrder ? ` It replaces ${orderText(existingOrder)}.` : "" };
  } catch (error) {
    if (error.status !== 412) throw error;
    const currentOrder = await api.findOrder(keyOf(order));
    if (currentOrder && isOpen(currentOrder)) return placeOver(currentOrder, newOrder, knownOrders);
    throw new RequestError(412, error.code, "Your earlier order has ended. Tap again to order.");
  }
}

/** Send the order of before a reload again; return { order, words }, or null if there is none. */
export async function resume() {
  const { username, order, headers } = Object(tabStore.read(UNANSWERED));
  if (isSending || !order || username !== session.username) return null;
  try {
    return { order: await sendUntilAnswered(order, headers, true), words: "" };
  } catch (error) {
    if (error instanceof RequestError) error.message = `Not ordered: ${orderText(order)}. ${error.message}`;
    throw error;
  }
}

async function sendUntilAnswered(order, headers, isRepeated = false) {
  if (!isRepeated && !navigator.onLine) throw new Unreachable(OFFLINE);
  tabStore.write(UNANSWERED, { username: session.username, order, headers });
  isSending = true;
  isStopped = false;
  const login = session.login;
  try {
    for (let again = isRepeated; ; again = true) {
      if (again) sayDoubt();
      try {
        return await send(order, headers, again);
      } catch (error) {
        if (!isUnknown(error)) throw error;
      }
      sayDoubt();
      if (!isStopped) await retryTime();
      session.requireCurrent(login);
      if (isStopped) throw new Error("Your order may have arrived: look at your orders first.");
    }
  } finally {
    isSending = false;
    doubt.hidden = true;
    if (session.login === login) tabStore.remove(UNANSWERED);
  }
}

/** Wait a little, or until the network is back or the customer stops. */
const retryTime = () =>
  new Promise((resolve) => {
    endWait = resolve;
    setTimeout(resolve, RETRY_DELAY);
  });

/** Send an order, or find out that an earlier attempt arrived. */
async function send(order, headers, isRepeated) {
  const isOld = isRepeated && serverNow() - Date.parse(order.orderdate) > RESEND_TIME;
  try {
    if (isOld) throw new RequestError(408, "TooLate", "Order again if you still want it.");
    return await api.placeOrder(order, headers);
  } catch (error) {
    if (!isRepeated || ![403, 408, 409, 412].includes(error.status)) throw error;
    // The shop may have cancelled the order already, or the customer has changed it elsewhere.
    const currentOrder = await api.findOrder(keyOf(order));
    if (currentOrder?.orderdate !== order.orderdate) throw error;
    return currentOrder;
  }
}

/** Return whether the order may be stored although there was an error. */
const isUnknown = (error) => error.status >= 500 || (error instanceof Unreachable && !(error instanceof NotTheService));

function sayDoubt() {
  doubt.hidden = false;
  setText(byId("doubt-words"), "We don’t know yet whether your order arrived.");
}

/** Return a rejection as { field, words }; the service names fields: `order.details.quantity: …`. */
export function explain(error) {
  const [, field, reason] = /^order\.(?:details\.)?(\w+): (.*)$/s.exec(error.message) ?? [];
  if (error.status === 400 && field) return { field, words: `This ${reason}.` };
  if (error.status === 403) return { field: "accountid", words: "Another customer has an open order under this name here." };
  if (error.status === 409) return { field, words: sentence(reason ?? error.message) };
  return error;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}`;

/** Return a name like this one under which no order is open at the shop. */
export async function freeName({ accountid, vendorid }) {
  let name = accountid;
  for (let tries = 0; tries < 9; tries += 1) {
    name = nextName(name);
    const order = await api.findOrder({ accountid: name, vendorid });
    if (!order || !isOpen(order)) return name;
  }
  return name;
}

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
