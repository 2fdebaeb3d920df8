// The customer's own orders: open ones first, earlier ones below.

import * as api from "./api.js";
import { announce, button, byId, onPress, sayError, setText, setTitle } from "./dom.js";
import { cardElement, isLater, isOpen, orderText, sameKey, sayErrorOn, shopInfo, showAges, statusText, updateList } from "./order.js";
import { serverNow } from "./network.js";
import { tabStore } from "./session.js";

const WATCHED = "coffee-orders.watched"; // the orders whose end the customer has not seen

const openList = byId("open-orders");
const earlierList = byId("earlier-orders");
const note = byId("my-orders-note");
const poll = new api.Poll(fetchShown, show, fail, { hidden: true, interval });

const cancelledHere = new Set(); // the ids of orders that the customer has tried to cancel on this tab
let orders = [];
let push = null; // its module, loaded with the first open order
let pages = 1; // how many pages of the list are shown
let orderAgain = () => {};
let notifyChange = () => {};
let isShown = Promise.resolve(); // once the list was answered, or could not be
let resolveShown = () => {};

/** `again(order)` is called when the customer repeats an order, `onChange()` when a status changed. */
export function start(again, onChange) {
  orderAgain = again;
  notifyChange = onChange;
  onPress("older", () => {
    pages += 1;
    return poll.now();
  });
  setInterval(() => showAges(openList), 15_000);
}

/** Return the orders that this page knows. */
export const known = () => orders;

/** Return a promise that resolves when the list is on the screen. */
export const shown = () => isShown;

export function open() {
  if (!orders.length) isShown = new Promise((resolve) => (resolveShown = resolve));
  poll.now();
}

export function close() {
  poll.stop();
  resolveShown();
  setTitle({ status: "" });
}

/** Forget the orders of a customer who signed out. */
export function forget() {
  close();
  import("./push.js").then(({ turnOff }) => turnOff(), () => {});
  orders = [];
  pages = 1;
  cancelledHere.clear();
  tabStore.remove(WATCHED);
  draw();
  setText(note, "");
}

/** Show an order's new state before the list has it. */
export function changeTo(order, first = false) {
  const index = first ? 0 : Math.max(0, orders.findIndex((each) => sameKey(each, order)));
  const others = orders.filter((each) => !sameKey(each, order));
  orders = [...others.slice(0, index), order, ...others.slice(index)];
  draw();
  resolveShown();
  poll.later();
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

function show(answer) {
  // The list may be older than an order's known status, which then stays.
  const laterState = (order) => orders.find((each) => sameKey(each, order) && isLater(each, order));
  const previousOrders = orders;
  orders = answer.orders.map((order) => laterState(order) ?? order);
  for (const order of orders) {
    const previous = previousOrders.find((each) => sameKey(each, order));
    if (!previous || previous.status === order.status) continue;
    announce(`${statusOf(order)}: ${orderText(order)}`);
    notifyChange();
    if (document.hidden) push?.announce();
  }
  byId("older").hidden = !answer.cursor;
  setText(note, "");
  draw();
  resolveShown();
  return orders.some(isOpen);
}

/** Return the ids of the orders that were open on this tab, and whose end the customer has not seen. */
const watchedIds = () => [tabStore.read(WATCHED) ?? []].flat();
const idOf = ({ accountid, vendorid, orderdate }) => JSON.stringify([accountid, vendorid, orderdate]);
const isCancelledElsewhere = (order) =>
  order.status === "cancelled" && watchedIds().includes(idOf(order)) && !cancelledHere.has(idOf(order));

/** An order does not tell who cancelled it: the shop, or its customer on another device. */
const statusOf = (order) => (isCancelledElsewhere(order) ? "Cancelled by the shop, or by you elsewhere" : statusText(order));

/** Return the orders that the customer waits for, or whose end they have not seen. */
const openOrders = () => orders.filter((order) => isOpen(order) || isCancelledElsewhere(order));

function draw() {
  const open = openOrders();
  if (orders.length) tabStore.write(WATCHED, open.map(idOf));
  updateList(openList, open, drawOpen);
  updateList(earlierList, orders.filter((order) => !open.includes(order)), drawEarlier);
  byId("history").hidden = open.length === orders.length;
  if (open.length || push) followByPush();
  const furthestStatus = ["ready", "preparing", "placed"].find((status) => open.some((order) => order.status === status));
  setTitle({ status: furthestStatus ? statusText({ status: furthestStatus }) : "" });
}

async function followByPush() {
  push ??= await import("./push.js").catch(() => null);
  push?.follow(openOrders(), () => poll.now());
}

/** Return how long to wait for news of the open orders, in ms. A push makes the request a safety net. */
function interval() {
  if (push?.isOn()) return 30_000;
  return Math.min(20_000, ...orders.map(waitingTime));
}

/** A shop makes a coffee in half a minute to three and a half. */
function waitingTime({ status, since }) {
  if (status === "placed") return 10_000;
  if (status !== "preparing") return 20_000;
  const age = serverNow() - Date.parse(since);
  if (age < 30_000) return 30_000 - age;
  return age < 210_000 ? 4_000 : 8_000;
}

function drawOpen(order) {
  const what = orderText(order);
  const buttons = [];
  if (order.status === "placed") buttons.push(button("Cancel", { class: "quiet", "aria-label": `Cancel ${what}` }, () => cancel(order)));
  if (order.status === "cancelled") buttons.push(button("OK", { class: "quiet", "aria-label": `Remove ${what}` }, () => dismiss(order)));
  const card = cardElement(order, shopInfo(order.vendorid), buttons);
  setText(card.querySelector(".status strong"), statusOf(order));
  return card;
}

function dismiss(order) {
  tabStore.write(WATCHED, watchedIds().filter((id) => id !== idOf(order)));
  draw();
}

function drawEarlier(order) {
  const label = { class: "quiet", "aria-label": `Order again ${orderText(order)}` };
  return cardElement(order, shopInfo(order.vendorid), [button("Order again", label, () => orderAgain(order))]);
}

async function cancel(order) {
  cancelledHere.add(idOf(order)); // before the answer, which may be lost
  try {
    showCancelled(await api.cancelOrder(order));
  } catch (error) {
    const hasChanged = error.status === 409 || error.status === 412;
    const currentOrder = hasChanged && (await api.findOrder(order).catch(() => null));
    if (currentOrder?.status === "cancelled") return showCancelled(currentOrder);
    if (error.status < 500) cancelledHere.delete(idOf(order)); // it was rejected
    if (currentOrder) changeTo(currentOrder);
    sayErrorOn(openList, order, currentOrder ? new Error(lateText(currentOrder)) : error);
  }
}

function showCancelled(order) {
  changeTo(order);
  notifyChange();
  announce(`Cancelled: ${orderText(order)}`);
}

/** Return why an order is not cancelled that has changed since it was shown. */
function lateText(order) {
  if (order.status !== "placed") return "Too late to cancel: the shop has started on it.";
  return `Nothing was cancelled: this order is now ${orderText(order)}. Tap again to cancel it.`;
}

function fail(error) {
  resolveShown();
  if (orders.length) error.message += " What you see may be out of date.";
  sayError(note, error);
  return error.status !== 401;
}
