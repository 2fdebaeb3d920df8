// The staff's queue: new orders, orders being made and ready orders, side by side.

import * as api from "./api.js";
import { ageElement, bdi, showAges, updateList } from "./cards.js";
import { announce, button, byId, element, onPress, setText } from "./dom.js";
import { isOpen, orderText, statusText, timeOfDay } from "./order.js";
import { Poll } from "./poll.js";
import { drawShopLinks } from "./shops.js";
import * as steps from "./steps.js";

const FEW = 3; // the most orders of a short list
const MANY = 9; // the most orders in one column

// For each status: its list, the next status, and the button's label.
const LISTS = {
  placed: { list: byId("new"), next: "preparing", label: "Start" },
  preparing: { list: byId("making"), next: "ready", label: "Ready" },
  ready: { list: byId("ready"), next: "collected", label: "Collected" },
};

const section = byId("queue");
const note = byId("queue-note");
const state = byId("queue-state");
const pause = byId("pause");
const poll = new Poll(fetchOrdersAndShop, show, fail);

let vendorid = "";
let orders = []; // as the service has them
let shop = null;
let freshAt = null; // when orders was fetched
let ages = null;
let shownKeys = null; // the keys of the orders that were shown before

steps.start(draw, (order, words) => {
  setText(note, `${order.accountid}: ${words}`);
  poll.later();
});
onPress("pause", togglePause);
section.addEventListener("keydown", (event) => {
  const [latest] = steps.undoable();
  if (latest && event.key === "z" && (event.ctrlKey || event.metaKey)) steps.undo(latest);
});

/** Show the queue of the shop in the address. */
export function open(params) {
  if (params.get("shop") !== vendorid) clear();
  vendorid = params.get("shop");
  drawShopLinks(section, "queue", vendorid);
  setText(byId("queue-title"), vendorid);
  if (!freshAt) setText(state, "Looking …");
  ages ??= setInterval(() => showAges(section), 15_000);
  poll.now();
}

export function close() {
  poll.stop();
  steps.sendAll();
  clearInterval(ages);
  ages = null;
  clear();
}

/** Send the steps that could still be undone, before a sign-out. */
export const leave = () => steps.sendAll();

export function forget() {
  steps.forget();
  close();
  vendorid = "";
}

function clear() {
  orders = [];
  shop = freshAt = shownKeys = null;
  pause.hidden = true;
  setText(note, "");
  draw();
}

async function fetchOrdersAndShop() {
  const [queue, result] = await Promise.all([api.shopQueue(vendorid), api.findShop(vendorid)]);
  return { queue, result };
}

function show({ queue, result }) {
  orders = queue;
  freshAt = new Date();
  showShop(result?.shop ?? null);
  draw();
  const keys = new Set(queue.map((order) => JSON.stringify([order.accountid, order.orderdate])));
  const newOrders = shownKeys ? [...keys].filter((key) => !shownKeys.has(key)).length : 0;
  if (newOrders) announce(newOrders === 1 ? "A new order." : `${newOrders} new orders.`);
  shownKeys = keys;
  return true;
}

function fail(error) {
  if (error.status === 401 || error.status === 403) {
    setText(note, error.message);
    return false;
  }
  sayStale(error.message);
  return true;
}

function sayStale(message) {
  setText(state, freshAt ? `Not up to date since ${timeOfDay(freshAt)}.` : message);
  state.classList.add("error");
}

function draw() {
  const openOrders = steps.applied(orders).filter(isOpen);
  const lists = Object.entries(LISTS).map(([status, { list }]) => [list, openOrders.filter((order) => order.status === status)]);
  const hasRoom = lists.some(([, { length }]) => length <= FEW);
  for (const [list, listOrders] of lists) {
    updateList(list, listOrders, drawRow);
    list.parentElement.dataset.size = widthOf(listOrders.length, hasRoom);
    const heading = list.parentElement.querySelector("h3");
    setText(heading, `${heading.textContent.split(" ")[0]} ${listOrders.length}`);
  }
  const waiting = steps.countLate();
  if (waiting) sayStale("");
  else if (freshAt) {
    setText(state, openOrders.length ? "" : "Nothing to do. New orders appear here.");
    state.classList.remove("error");
  }
  drawUndo();
}

/** Return the width of a list: a long one has two columns if others are short. */
function widthOf(count, hasRoom) {
  if (!count) return "none";
  if (count > MANY && hasRoom) return "many";
  return count > FEW ? "some" : "few";
}

function drawRow(order) {
  const { next, label } = LISTS[order.status];
  const description = `${orderText(order)} for ${order.accountid}`;
  const row = element(
    "li",
    { class: "row", tabindex: "-1" },
    element("div", { class: "what" }, element("strong", {}, bdi(order.accountid)), " ", ageElement(order), element("p", {}, bdi(orderText(order)))),
  );
  if (order.status === "placed") row.append(stepButton(order, "cancelled", "Can’t make it", description, "quiet reject"));
  row.append(stepButton(order, next, label, description, "step"));
  return row;
}

function stepButton(order, status, label, description, kind) {
  return button(label, { class: kind, "aria-label": `${label}: ${description}` }, () => {
    setText(note, "");
    if (steps.changeStatus(order, status)) announce(`${order.accountid}: ${statusText({ status })}.`);
  });
}

function drawUndo() {
  const bars = steps.undoable().map((step) => {
    const { accountid, status } = step.order;
    const words = element("span", {}, bdi(accountid), `: ${statusText({ status })}`);
    return element("p", {}, words, button("Undo", { "aria-label": `Undo: ${accountid}, ${statusText({ status })}` }, () => steps.undo(step)));
  });
  byId("undo").replaceChildren(...bars);
}

function showShop(newShop) {
  shop = newShop;
  setText(byId("queue-title"), shop?.name ?? vendorid);
  pause.hidden = !shop;
  if (!shop) return;
  setText(pause, shop.open ? "Pause orders" : "Reopen");
  pause.classList.toggle("quiet", shop.open);
  section.classList.toggle("paused", !shop.open);
}

async function togglePause() {
  try {
    showShop((await api.changeShop(vendorid, { open: !shop.open })).shop);
    setText(note, shop.open ? "The shop is open again." : "Paused. Orders on their way may still arrive for 5 seconds.");
  } catch (error) {
    setText(note, error.message);
  }
}
