// An order: its key, its statuses, and its texts. Numbers are read as people type them, calculated
// without binary fractions, and written in a currency.
// Then: orders on the screen, as cards and in lists, and shops that this device ordered from.

import { element, sayError, setText } from "./dom.js";
import { serverNow } from "./network.js";
import { deviceStore, session } from "./session.js";

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

/** Create the card of an order, with its shop's name if it is known. */
export function cardElement(order, { name } = {}, buttons = null) {
  const status = element("p", { class: "status" }, element("strong", {}, statusText(order)));
  if (isOpen(order)) status.append(ageElement(order, " · "));
  const item = element(
    "li",
    { class: `card ${order.status}`, tabindex: "-1" },
    status,
    element("h3", {}, orderText(order)),
    ...(order.details.note ? [element("p", {}, bdi(order.details.note))] : []),
    element("p", {}, "for ", bdi(order.accountid), " at ", bdi(name ?? order.vendorid)),
    element("p", { class: "hint" }, "Placed ", element("time", {}, placedText(order)), " · ", element("span", { class: "cost" }, costText(order))),
  );
  if (buttons) item.append(element("p", { class: "actions" }, ...buttons), element("p", { class: "error", role: "alert" }));
  return item;
}

/** Create the age of an order, which `showAges` updates. */
export function ageElement(order, before = "") {
  const span = element("span", { class: "age", "data-since": order.since ?? "", "data-before": before });
  showAge(span);
  return span;
}

function showAge(span) {
  const { since, before } = span.dataset;
  const text = ageText({ since });
  setText(span, text && before + text);
  const minutes = minutesSince(since);
  span.dataset.late = minutes >= 8 ? "very" : minutes >= 5 ? "yes" : "";
}

/** Update the ages in a part of the page. */
export function showAges(part) {
  for (const span of part.querySelectorAll("[data-since]")) showAge(span);
}

/** Show on a card why its button failed. */
export function sayErrorOn(list, order, error) {
  const note = itemOf(list, order)?.querySelector(".error");
  if (note) sayError(note, error);
}

/** Text of another user, which keeps its own writing direction. */
export const bdi = (text) => element("bdi", {}, text);

/**
 * Show these orders in a list, in this sequence; `draw(order)` creates an item. Unchanged items are
 * kept. The focus moves from a removed item to the next one, and there to a button of the same
 * `data-kind`, or to the item itself: never to a button that does something else.
 */
export function updateList(list, orders, draw) {
  const currentItems = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const items = orders.map((order) => {
    const key = keyText(order);
    const content = JSON.stringify(order);
    const currentItem = currentItems.get(key);
    if (currentItem?.dataset.content === content) return currentItem;
    const item = draw(order);
    Object.assign(item.dataset, { key, content });
    return item;
  });
  const focusedItem = list.contains(document.activeElement) && document.activeElement.closest("[data-key]");
  const { kind } = document.activeElement.dataset;
  const index = [...list.children].indexOf(focusedItem);
  for (const child of [...list.children]) if (!items.includes(child)) child.remove();
  items.forEach((item, position) => {
    if (list.children[position] !== item) list.insertBefore(item, list.children[position] ?? null);
  });
  if (focusedItem && !list.contains(document.activeElement)) {
    const sameItem = items.find((each) => each.dataset.key === focusedItem.dataset.key);
    const next = sameItem ?? items[Math.min(index, items.length - 1)] ?? list;
    const sameKind = kind && next.querySelector(`[data-kind="${kind}"]`);
    (sameKind || next).focus({ preventScroll: true });
  }
}

/** Return the item of an order in a list, or null. */
export const itemOf = (list, order) => list.querySelector(`[data-key="${CSS.escape(keyText(order))}"]`);

const SHOPS = "coffee-orders.shops";
const MAX_SHOPS = 5;

/** Return the shops, latest first: [{ vendorid, name, currency }]. */
export function recentShops() {
  const shops = deviceStore.read(SHOPS);
  return Array.isArray(shops) ? shops.filter((shop) => typeof shop?.vendorid === "string") : [];
}

/** Return what is known about a shop: { name, currency }, or {}. */
export const shopInfo = (vendorid) => recentShops().find((shop) => shop.vendorid === vendorid) ?? {};

export function rememberShop({ vendorid, name, currency }) {
  const others = recentShops().filter((shop) => shop.vendorid !== vendorid);
  deviceStore.write(SHOPS, [{ vendorid, name, currency }, ...others].slice(0, MAX_SHOPS));
}

export const forgetShops = () => deviceStore.remove(SHOPS);

/** Return how many orders are placed or being made; the service counts to 101. */
export const waitingText = ({ waiting = 0 }) => (waiting > 100 ? "100+" : waiting);

/** Return the address of a part of the page for a shop. */
export const addressOf = (vendorid, part = "order") => `#${part}?${new URLSearchParams({ shop: vendorid })}`;

/** Show links to the same part of the page for the other shops of the staff. */
export function drawShopLinks(section, part, vendorid) {
  const others = session.vendors.filter((each) => each !== vendorid);
  section.querySelector(".shops").replaceChildren(...others.map((each) => element("a", { class: "chip", href: addressOf(each, part) }, each)));
}
