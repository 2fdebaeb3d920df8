// The customer's side: the order form, and one's own orders with their status.

import * as api from "./api.js";
import { OPEN, blameCard, card, keyOf, nameOf, sameKey, staleNote, update } from "./cards.js";
import { announce, busy, button, byId } from "./dom.js";
import { onSubmit } from "./forms.js";
import { Poll } from "./poll.js";
import { session } from "./session.js";

const DRAFT = "coffee-orders.draft";

const form = byId("order-form");
const list = byId("mine");
const note = byId("mine-note");
const poll = new Poll(fetchShown, (answer) => showList(answer), fail);

let orders = [];
let pages = 1; // how many pages of the list are shown
let unsure = null; // an order that was sent, and whose answer is not known

export function start() {
  restoreDraft();
  form.addEventListener("input", keepDraft);
  onSubmit(form, place, explain);
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
  orders = [];
  pages = 1;
  unsure = null;
  list.replaceChildren();
  byId("order-note").textContent = "";
  if (keepForm) return;
  form.reset();
  sessionStorage.removeItem(DRAFT);
}

async function place({ accountid, vendorid, ...details }) {
  byId("order-note").textContent = "";
  const content = JSON.stringify([accountid, vendorid, details]);
  // The same order sent once more has the same date: it is known for what it is.
  if (unsure?.content !== content) unsure = { content, orderdate: new Date().toISOString() };
  const { order } = await api.placeOrder({ accountid, vendorid, orderdate: unsure.orderdate, details });
  unsure = null;
  byId("order-note").textContent = `Ordered: ${nameOf(order)} at ${order.vendorid}.`;
  changeTo(order, true);
}

async function cancel(order) {
  try {
    changeTo((await api.cancelOrder(keyOf(order))).order);
  } catch (error) {
    blameCard(list, order, error.status === 409 ? "Too late to cancel: the shop has it in hand." : error.message);
    if (error.status === 409) poll.later();
  }
}

/** Fill the form with an order of before; nothing is sent yet. */
function again({ accountid, vendorid, details }) {
  for (const [name, value] of Object.entries({ accountid, vendorid, ...details })) {
    const input = form.elements[name];
    if (input.tagName === "SELECT" && ![...input.options].some((option) => option.value === value)) {
      input.add(new Option(value));
    }
    input.value = value;
  }
  keepDraft();
  form.querySelector("button").focus();
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
  showList({ orders: others.toSpliced(at, 0, order) });
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
  const { details } = order;
  const line = `at ${order.vendorid} for ${order.accountid}, ${details.unitprice} a cup`;
  const buttons = [];
  if (order.status === "placed") buttons.push(button("Cancel", { class: "quiet", "aria-label": `Cancel ${nameOf(order)}` }, () => cancel(order)));
  if (!OPEN.includes(order.status)) buttons.push(button("Order again", { class: "quiet", "aria-label": `Order again ${nameOf(order)}` }, () => again(order)));
  return card(order, line, buttons);
}

function fail(error) {
  note.textContent = staleNote(error, orders);
  return error.status !== 401;
}

/** Find the field that the service names: `order.details.quantity: must be ...`. */
function explain(error) {
  const [path, ...rest] = error.message.split(": ");
  const field = path.split(".").pop();
  if (error.status === 400 && form.elements[field]) return { field, words: `This ${rest.join(": ")}.` };
  if (error.status === 403) return { field: "accountid", words: "Somebody else orders under this account at this shop: choose another." };
  if (error.status === 409 && field === "orderdate") return { words: "A newer order of yours is there already: look at your orders." };
  if (error.status === 409) return { field: "vendorid", words: `${error.message}. You can order here again once it is collected.` };
  return { words: error.message };
}

function keepDraft() {
  sessionStorage.setItem(DRAFT, JSON.stringify(Object.fromEntries(new FormData(form))));
}

function restoreDraft() {
  for (const [name, value] of Object.entries(JSON.parse(sessionStorage.getItem(DRAFT)) ?? {})) {
    form.elements[name].value = value;
  }
}
