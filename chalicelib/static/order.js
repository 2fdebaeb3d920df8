// An order: its key, its statuses, and its texts. Numbers are read as people type them, calculated
// without binary fractions, and written in a currency.

import { serverNow } from "./network.js";

const DECIMALS = 4; // what a price may have
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

/** Write all digits as 0 to 9, also those of a full-width, Arabic or Persian keypad. */
export function plainDigits(text) {
  return text.normalize("NFKC").replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));
}

/** Write a price with a decimal point: many keypads have only a comma. */
export function plainPrice(text) {
  const digits = plainDigits(text).replace("٫", ".").replace(/\s/g, "");
  return digits.replace(/^(\d*),(\d{1,2}|\d{4})$/, "$1.$2").replace(/^\./, "0.");
}

/** Return whether the separator of a price could be one of thousands: before exactly three digits. */
export const isAmbiguousPrice = (text) => /^\d{1,3}[.,٫٬]\d{3}$/.test(plainDigits(text).trim());

/** Return a price as it can be typed: with a fourth decimal, three are not ambiguous. */
export const typablePrice = (unitprice) => unitprice.replace(/\.\d{3}$/, "$&0");

/** Return the question which of two prices is meant. */
export function askForPrice(text) {
  const [whole, fraction] = plainDigits(text).trim().split(/\D/);
  return `Is this ${whole}${fraction} or ${Number(`${whole}.${fraction}`)}? Write it like that.`;
}

/** Return the price of some cups: `totalPrice("4.50", "2")` is "9.00". */
export function totalPrice(unitprice, quantity) {
  const [whole, fraction = ""] = unitprice.split(".");
  const units = String(Number(whole + fraction.padEnd(DECIMALS, "0")) * Number(quantity));
  const digits = units.padStart(DECIMALS + 1, "0");
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS).replace(/0{1,2}$/, "")}`;
}

/** Write an amount in a currency (ISO 4217) in the browser's language; without a currency, as it is. */
export function priceText(amount, currency) {
  try {
    const style = { style: "currency", currency, maximumFractionDigits: DECIMALS };
    return new Intl.NumberFormat([], style).format(amount);
  } catch {
    return [amount, currency].filter(Boolean).join(" ");
  }
}
