// A list of orders that is updated without losing the keyboard focus, and without moving items
// that did not change.

import { keyText } from "./order.js";

/**
 * Show these orders in a list, in this sequence; `draw(order)` creates an item. Unchanged items are
 * kept, and the focus moves from a removed item to the next one.
 */
export function update(list, orders, draw) {
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
  const index = [...list.children].indexOf(focusedItem);
  for (const child of [...list.children]) if (!items.includes(child)) child.remove();
  items.forEach((item, position) => {
    if (list.children[position] !== item) list.insertBefore(item, list.children[position] ?? null);
  });
  if (focusedItem && !list.contains(document.activeElement)) {
    const sameItem = items.find((each) => each.dataset.key === focusedItem.dataset.key);
    const next = sameItem ?? items[Math.min(index, items.length - 1)] ?? list;
    (next.querySelector("button") ?? next).focus({ preventScroll: true });
  }
}

/** Return the item of an order in a list, or null. */
export const itemOf = (list, order) => list.querySelector(`[data-key="${CSS.escape(keyText(order))}"]`);
