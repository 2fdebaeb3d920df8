// The customer's own orders: open ones first, earlier ones below.

import * as api from "./api.js";
import { cardElement, sayErrorOn, showAges, updateList } from "./cards.js";
import { announce, button, byId, onPress, sayError, setText, setTitle } from "./dom.js";
import { isLater, isOpen, keyOf, orderText, sameKey, statusText } from "./order.js";
import { Poll } from "./poll.js";
import { shopInfo } from "./shops.js";

const openList = byId("open-orders");
const earlierList = byId("earlier-orders");
const note = byId("my-orders-note");
const poll = new Poll(fetchShown, show, fail, true);

let orders = [];
let pages = 1; // how many pages of the list are shown
let orderAgain = () => {};

/** `again(order)` is called when the customer repeats an earlier order. */
export function start(again) {
  orderAgain = again;
  onPress("older", () => {
    pages += 1;
    return poll.now();
  });
  setInterval(() => showAges(openList), 15_000);
}

/** Return the orders that this page knows. */
export const known = () => orders;

export function open() {
  if (!orders.length) setText(note, "Looking for your orders …");
  poll.now();
}

export function close() {
  poll.stop();
  setTitle({ status: "" });
}

/** Forget the orders of a customer who signed out. */
export function forget() {
  close();
  orders = [];
  pages = 1;
  draw();
  setText(note, "");
}

/** Show an order's new state before the list has it. */
export function changeTo(order, first = false) {
  const index = first ? 0 : Math.max(0, orders.findIndex((each) => sameKey(each, order)));
  const others = orders.filter((each) => !sameKey(each, order));
  orders = [...others.slice(0, index), order, ...others.slice(index)];
  draw();
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
    if (previous && previous.status !== order.status) announce(`${statusText(order)}: ${orderText(order)}`);
  }
  byId("older").hidden = !answer.cursor;
  setText(note, "");
  draw();
  return orders.some(isOpen);
}

function draw() {
  const open = orders.filter(isOpen);
  updateList(openList, open, drawOpen);
  updateList(earlierList, orders.filter((order) => !isOpen(order)), drawEarlier);
  byId("history").hidden = open.length === orders.length;
  const furthestStatus = ["ready", "preparing", "placed"].find((status) => open.some((order) => order.status === status));
  setTitle({ status: furthestStatus ? statusText({ status: furthestStatus }) : "" });
}

function drawOpen(order) {
  const label = { class: "quiet", "aria-label": `Cancel ${orderText(order)}` };
  const buttons = order.status === "placed" ? [button("Cancel", label, () => cancel(order))] : [];
  return cardElement(order, shopInfo(order.vendorid), buttons);
}

function drawEarlier(order) {
  const label = { class: "quiet", "aria-label": `Order again ${orderText(order)}` };
  return cardElement(order, shopInfo(order.vendorid), [button("Order again", label, () => orderAgain(order))]);
}

async function cancel(order) {
  try {
    const cancelled = await api.cancelOrder(keyOf(order));
    changeTo(cancelled);
    announce(`Cancelled: ${orderText(order)}`);
  } catch (error) {
    if (error.status !== 409) return sayErrorOn(openList, order, error);
    sayErrorOn(openList, order, new Error("Too late to cancel: the shop has started on it."));
    poll.later();
  }
}

function fail(error) {
  sayError(note, orders.length ? Object.assign(error, { message: `${error.message} What you see may be out of date.` }) : error);
  return error.status !== 401;
}
