// The shop's side: what is waiting, oldest first, and the button that moves it on.

import * as api from "./api.js";
import { blameCard, card, keyOf, nameOf, sameKey, staleNote, update } from "./cards.js";
import { announce, button, byId, element } from "./dom.js";
import { Poll } from "./poll.js";
import { SignedOut, session } from "./session.js";

// From each status the next, and what its button says.
const NEXT = {
  placed: ["preparing", "Start"],
  preparing: ["ready", "Ready"],
  ready: ["collected", "Collected"],
};

const list = byId("queue");
const note = byId("queue-note");
const vendor = byId("vendor");
const poll = new Poll(() => api.shopQueue(vendor.value), (answer) => showQueue(answer), fail);

let orders = [];

export function start() {
  vendor.addEventListener("change", () => {
    forget();
    open();
  });
}

/** Show the queue for as long as this part of the page is open. */
export function open() {
  offerVendors();
  if (!orders.length) note.textContent = "Looking …";
  poll.now();
}

export const close = () => poll.stop();

export function forget() {
  poll.stop();
  orders = [];
  list.replaceChildren();
}

function offerVendors() {
  const chosen = vendor.value;
  vendor.replaceChildren(...session.vendors.map((id) => element("option", { value: id }, id)));
  if (session.vendors.includes(chosen)) vendor.value = chosen;
}

async function move(order, status) {
  try {
    const moved = await api.moveOn(keyOf(order), status);
    announce(`${nameOf(moved)} is ${moved.status}.`);
    const open = moved.status in NEXT ? [moved] : [];
    showQueue({ orders: orders.flatMap((each) => (sameKey(each, order) ? open : [each])) });
    poll.later();
  } catch (error) {
    if (error instanceof SignedOut) return;
    const words = error.status === 409 ? `${error.message} by now.` : error.message;
    blameCard(list, order, words);
    note.textContent = `${nameOf(order)}: ${words}`;
    if (error.status === 409) poll.later();
  }
}

function showQueue(answer) {
  const before = JSON.stringify(orders);
  const known = orders.length;
  orders = answer.orders;
  update(list, orders, draw);
  const more = answer.cursor ? " More wait behind these." : "";
  note.textContent = orders.length ? `${orders.length} to do.${more}` : "Nothing to do. New orders appear here.";
  if (orders.length > known) announce(note.textContent);
  return { changed: before !== JSON.stringify(orders), goOn: true };
}

function draw(order) {
  const [status, label] = NEXT[order.status];
  const press = button(label, { "aria-label": `${label}: ${nameOf(order)} for ${order.accountid}` }, () => move(order, status));
  return card(order, `for ${order.accountid}`, [press]);
}

function fail(error) {
  note.textContent = staleNote(error, orders);
  return error.status !== 401 && error.status !== 403;
}
