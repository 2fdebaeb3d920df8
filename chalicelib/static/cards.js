// Orders on the screen: cards, ages, and lists that are updated without losing the keyboard focus and
// without moving items that did not change.

import { element, sayError, setText } from "./dom.js";
import { ageText, costText, isOpen, keyText, minutesSince, orderText, placedText, statusText } from "./order.js";

/** Create the card of an order, with its shop's name if it is known. */
export function cardElement(order, { name } = {}, buttons = []) {
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
  if (buttons.length) item.append(element("p", { class: "actions" }, ...buttons), element("p", { class: "error", role: "alert" }));
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
