// An order: its key, its statuses, and its texts.

import { serverNow } from "./network.js";
import { priceText, totalPrice } from "./numbers.js";

const STATUSES = ["placed", "preparing", "ready", "collected", "cancelled"];
const STATUS_TEXTS = { placed: "Placed", preparing: "Being made", ready: "Ready", collected: "Collected", cancelled: "Cancelled" };

export const isOpen = ({ status }) => STATUSES.indexOf(status) < STATUSES.indexOf("collected");

/** Return an order's key: { accountid, vendorid }. */
export const keyOf = ({ accountid, vendorid }) => ({ accountid, vendorid });

/** Return an order's key as text. */
export const keyText = ({ accountid, vendorid }) => JSON.stringify([accountid, vendorid]);

/** Return whether two orders, or two states of one, have the same key. */
export const sameKey = (a, b) => keyText(a) === keyText(b);

/** Return whether one state of an order is later than another. Both times are the server's. */
export const isLater = (a, b) => a.since > b.since;

/** Return whether a status comes after another in an order's life, or is the same. */
export const isAtLeast = (status, other) => STATUSES.indexOf(status) >= STATUSES.indexOf(other);

/** Return the name of an order for a sentence. */
export const orderText = ({ details }) => `${details.quantity} × ${details.coffeesize} ${details.coffeetype}`;

export const statusText = ({ status }) => STATUS_TEXTS[status];

/** Return for how long an order has had its status: "4 min", or "" for less than one. */
export function ageText({ since }) {
  const minutes = minutesSince(since);
  if (minutes >= 90) return `${Math.round(minutes / 60)} h`;
  return minutes ? `${minutes} min` : "";
}

/** Return the whole minutes for which an order has had its status. */
export function minutesSince(since) {
  const time = Date.parse(since?.replace(/(\.\d{3})\d+/, "$1"));
  return time ? Math.max(0, Math.floor((serverNow() - time) / 60_000)) : 0;
}

/** Return what an order costs: `2 × 4.50 = 9.00`. */
export function costText({ details: { unitprice, quantity }, currency }) {
  const sum = priceText(totalPrice(unitprice, quantity), currency);
  return quantity === "1" ? sum : `${quantity} × ${priceText(unitprice, currency)} = ${sum}`;
}

/** Return the time of day, such as "08:12". */
export const timeOfDay = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** Return when an order was placed, in the user's time zone. */
export function placedText({ orderdate }) {
  // Not every browser reads a blank in place of the T, or more digits than milliseconds.
  const date = new Date(orderdate.replace(" ", "T").replace(/(\.\d{3})\d+/, "$1"));
  if (Number.isNaN(date.getTime())) return orderdate;
  if (date.toDateString() === new Date().toDateString()) return timeOfDay(date);
  const day = { day: "numeric", month: "short", year: "numeric" };
  return `${date.toLocaleDateString([], day)}, ${timeOfDay(date)}`;
}
