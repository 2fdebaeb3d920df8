// An order as a card: its status, its time and its price.

import { minutesSince } from "./clock.js";
import { element, sayError, setText } from "./dom.js";
import { itemOf } from "./list.js";
import { ageOf, costOf, isOpen, nameOf, statusOf, timeOf } from "./order.js";

/** Create the card of an order; `shop` is its shop's name and currency, if known. */
export function card(order, { name, currency } = {}, buttons = []) {
  const status = element("p", { class: "status" }, element("strong", {}, statusOf(order)));
  if (isOpen(order)) status.append(age(order, " · "));
  const item = element(
    "li",
    { class: `card ${order.status}`, tabindex: "-1" },
    status,
    element("h3", {}, nameOf(order)),
    element("p", {}, "for ", bdi(order.accountid), " at ", bdi(name ?? order.vendorid)),
    element("p", { class: "hint" }, "Placed ", element("time", {}, timeOf(order)), " · ", element("span", { class: "cost" }, costOf(order, currency))),
  );
  if (buttons.length) item.append(element("p", { class: "actions" }, ...buttons), element("p", { class: "error", role: "alert" }));
  return item;
}

/** Create the age of an order, which `showAges` updates. */
export function age(order, before = "") {
  const span = element("span", { class: "age", "data-since": order.since ?? "", "data-before": before });
  showAge(span);
  return span;
}

function showAge(span) {
  const { since, before } = span.dataset;
  const text = ageOf({ since });
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
