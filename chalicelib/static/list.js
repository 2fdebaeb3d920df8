// A list of orders that is updated without losing the keyboard focus, and without moving items
// that did not change.

import { keyText } from "./order.js";

/**
 * Show these orders in a list, in this sequence; `draw(order)` creates an item. Unchanged items are
 * kept, and the focus moves from a removed item to the next one.
 */
export function update(list, orders, draw) {
  const shown = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const items = orders.map((order) => {
    const key = keyText(order);
    const content = JSON.stringify(order);
    const old = shown.get(key);
    if (old?.dataset.content === content) return old;
    const item = draw(order);
    Object.assign(item.dataset, { key, content });
    return item;
  });
  const place = list.contains(document.activeElement) && document.activeElement.closest("[data-key]");
  const at = [...list.children].indexOf(place);
  for (const child of [...list.children]) if (!items.includes(child)) child.remove();
  items.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  if (place && !list.contains(document.activeElement)) {
    const same = items.find((each) => each.dataset.key === place.dataset.key);
    const next = same ?? items[Math.min(at, items.length - 1)] ?? list;
    (next.querySelector("button") ?? next).focus({ preventScroll: true });
  }
}

/** Return the item of an order in a list, or null. */
export const itemOf = (list, order) => list.querySelector(`[data-key="${CSS.escape(keyText(order))}"]`);
