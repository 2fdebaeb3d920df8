// The customer's side: placing an order, and one's own orders with their status.

import * as api from "./api.js";
import { OPEN, blameCard, card, keyOf, nameOf, sameKey, staleNote, update } from "./cards.js";
import { announce, busy, button, byId } from "./dom.js";
import { onSubmit } from "./forms.js";
import { Refused } from "./network.js";
import * as openOrder from "./open-order.js";
import { clear, explain, fill, form, plain } from "./order-form.js";
import { Poll } from "./poll.js";
import { SignedOut, session } from "./session.js";

const list = byId("mine");
const note = byId("mine-note");
const poll = new Poll(fetchShown, (answer) => showList(answer), fail);

let orders = [];
let pages = 1; // how many pages of the list are shown
let unsure = null; // an order that was sent, and whose answer is not known

export function start() {
  openOrder.start();
  onSubmit(form, (values) => place(plain(values)), explain);
  byId("older").addEventListener("click", (event) =>
    busy(event.target, () => {
      pages += 1;
      return poll.now();
    }),
  );
}

/** Show the orders of who is signed in, while this part of the page is open. */
export function open() {
  if (!form.elements.accountid.value) form.elements.accountid.value = session.username;
  if (!orders.length) note.textContent = "Looking …";
  poll.now();
}

export const close = () => poll.stop();

/** Forget the orders of who is no longer signed in; keep what they typed, if they did not mean to go. */
export function forget(keepForm) {
  poll.stop();
  openOrder.close();
  orders = [];
  pages = 1;
  unsure = null;
  list.replaceChildren();
  byId("order-note").textContent = "";
  if (!keepForm) clear();
}

async function place({ accountid, vendorid, ...details }) {
  byId("order-note").textContent = "";
  const content = JSON.stringify([accountid, vendorid, details]);
  // The same order sent once more has the same date, so the service recognizes it.
  if (unsure?.content !== content) unsure = { content, orderdate: new Date().toISOString() };
  const order = { accountid, vendorid, orderdate: unsure.orderdate, details };
  const login = session.login;
  const replaced = await openAt(order);
  session.mustBe(login);
  if (replaced) {
    const choice = await openOrder.ask(replaced, order);
    session.mustBe(login);
    if (!choice) return;
    if (choice.accountid) return place({ ...choice, vendorid, ...details });
  }
  const { order: placed, isNew } = await api.placeOrder(order);
  unsure = null;
  byId("order-note").textContent = `Ordered: ${nameOf(placed)} at ${vendorid}.${words(replaced, isNew)}`;
  changeTo(placed, true);
}

/** Return the customer's other open order where this one would go, or null. */
async function openAt(order) {
  const there = await api.findOrder(keyOf(order));
  if (!there || !OPEN.includes(there.status)) return null;
  if (there.orderdate === order.orderdate) return null; // this one, whose answer was lost
  const isMine = (mine) => mine.some((each) => sameKey(each, there));
  if (isMine(orders) || isMine((await api.myOrders()).orders)) return there;
  throw new Refused(403, "ForbiddenError", "This is another customer's order");
}

function words(replaced, isNew) {
  if (isNew) return "";
  return replaced ? ` It replaces ${nameOf(replaced)}.` : " It takes the place of your earlier order there.";
}

async function cancel(order) {
  try {
    changeTo(await api.cancelOrder(keyOf(order)));
  } catch (error) {
    if (error instanceof SignedOut) return;
    blameCard(list, order, error.status === 409 ? "Too late to cancel: the shop has it in hand." : error.message);
    if (error.status === 409) poll.later();
  }
}

async function fetchShown() {
  const answer = { orders: [], cursor: undefined };
  for (let page = 0; page < pages; page += 1) {
    const next = await api.myOrders(answer.cursor);
    answer.orders.push(...next.orders);
    answer.cursor = next.cursor;
    if (!answer.cursor) break;
  }
  return answer;
}

/** Show an order's new state without waiting for the list to have it. */
function changeTo(order, first = false) {
  const others = orders.filter((each) => !sameKey(each, order));
  const at = first ? 0 : Math.max(0, orders.findIndex((each) => sameKey(each, order)));
  showList({ orders: [...others.slice(0, at), order, ...others.slice(at)] });
  poll.later();
}

function showList(answer) {
  const before = JSON.stringify(orders);
  orders = answer.orders;
  if ("cursor" in answer) byId("older").hidden = !answer.cursor;
  for (const order of update(list, orders, draw)) {
    announce(`${nameOf(order)} at ${order.vendorid} is ${order.status}.`);
  }
  note.textContent = orders.length ? "" : "None yet.";
  const isOpen = (order) => OPEN.includes(order.status);
  return { changed: before !== JSON.stringify(orders), goOn: orders.some(isOpen) };
}

function draw(order) {
  const line = `at ${order.vendorid} for ${order.accountid}`;
  const buttons = [];
  if (order.status === "placed") buttons.push(button("Cancel", { class: "quiet", "aria-label": `Cancel ${nameOf(order)}` }, () => cancel(order)));
  if (!OPEN.includes(order.status)) buttons.push(button("Order again", { class: "quiet", "aria-label": `Order again ${nameOf(order)}` }, () => fill(order)));
  return card(order, line, buttons);
}

function fail(error) {
  note.textContent = staleNote(error, orders);
  return error.status !== 401;
}
