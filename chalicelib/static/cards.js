// An order as a card, and a list of cards that is kept up to date without losing the place of
// who works with the keyboard.

import { element } from "./dom.js";
import { total } from "./numbers.js";

const LIFE = ["placed", "preparing", "ready", "collected"];

export const OPEN = LIFE.slice(0, -1);

/** Return an order's key: { accountid, vendorid }. */
export const keyOf = ({ accountid, vendorid }) => ({ accountid, vendorid });

/** Tell whether two orders, or two states of one, have the same key. */
export const sameKey = (one, other) => keyText(one) === keyText(other);

const keyText = (order) => JSON.stringify(keyOf(order));

/** Name an order in a sentence. */
export const nameOf = ({ details }) => `${details.quantity} × ${details.coffeesize} ${details.coffeetype}`;

/** Say what an order costs: `2 × 4.50 = 9.00`. */
export function costOf({ details: { unitprice, quantity } }) {
  const sum = total(unitprice, quantity);
  return quantity === "1" ? sum : `${quantity} × ${unitprice} = ${sum}`;
}

/** Say when an order was placed, by the clock and the calendar of who looks at it. */
export function timeOf({ orderdate }) {
  // Not every browser reads a blank in place of the T, or more digits than milliseconds.
  const date = new Date(orderdate.replace(" ", "T").replace(/(\.\d{3})\d+/, "$1"));
  if (Number.isNaN(date.getTime())) return orderdate;
  const time = { hour: "2-digit", minute: "2-digit" };
  if (date.toDateString() === new Date().toDateString()) return date.toLocaleTimeString([], time);
  return date.toLocaleString([], { day: "numeric", month: "short", year: "numeric", ...time });
}

/** Make the card of an order, with a line of its own and buttons. */
export function card(order, line, buttons) {
  const made = element(
    "li",
    { class: "card", tabindex: "-1", "aria-label": `${nameOf(order)}, ${order.status}` },
    element("h4", {}, nameOf(order)),
    element("p", {}, line),
    element("p", {}, "Placed ", element("time", {}, timeOf(order)), " · ", element("span", { class: "cost" }, costOf(order))),
    steps(order.status),
  );
  if (buttons.length) made.append(element("p", { class: "actions" }, ...buttons), element("p", { class: "error", role: "alert" }));
  return made;
}

/** Say why a list could not be brought up to date, and what that means for the orders in it. */
export const staleNote = (error, orders) =>
  error.message + (orders.length ? " What you see may be out of date." : "");

/** Show on a card why what was pressed did not work. */
export function blameCard(list, order, words) {
  const note = list.querySelector(`[data-key="${CSS.escape(keyText(order))}"] .error`);
  if (note) note.textContent = words;
}

/**
 * Make a list show these orders, in this order; `draw(order)` makes a card. A card that stays the
 * same is left alone. Returns those whose status is not what was shown before.
 */
export function update(list, orders, draw) {
  const shown = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const moved = [];
  const cards = orders.map((order) => {
    const key = keyText(order);
    const content = JSON.stringify(order);
    const old = shown.get(key);
    if (old?.dataset.content === content) return old;
    if (old && old.dataset.status !== order.status) moved.push(order);
    const made = draw(order);
    Object.assign(made.dataset, { key, content, status: order.status });
    return made;
  });
  const place = list.contains(document.activeElement) && document.activeElement.closest("[data-key]");
  if (cards.length !== list.children.length || cards.some((each, at) => each !== list.children[at])) {
    list.replaceChildren(...cards);
  }
  if (place && !list.contains(document.activeElement)) {
    const again = cards.find((each) => each.dataset.key === place.dataset.key);
    (again?.querySelector("button") ?? again ?? cards[0])?.focus();
  }
  return moved;
}

function steps(status) {
  if (status === "cancelled") {
    return element("ol", { class: "steps" }, element("li", { class: "cancelled", "aria-current": "step" }, "cancelled"));
  }
  const at = LIFE.indexOf(status);
  return element(
    "ol",
    { class: "steps" },
    ...LIFE.map((step, number) =>
      element("li", { ...(number <= at && { class: "done" }), ...(number === at && { "aria-current": "step" }) }, step),
    ),
  );
}
