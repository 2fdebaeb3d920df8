// Placing an order: nobody loses a coffee unnoticed, and a lost answer makes no second coffee.

import * as api from "./api.js";
import { Refused } from "./network.js";
import * as openOrder from "./open-order.js";
import { isOpen, keyOf, sameKey } from "./order.js";
import { session } from "./session.js";

let unsure = null; // an order that was sent, and whose answer is not known

/** Forget the order of who has signed out. */
export function forget() {
  unsure = null;
  openOrder.close();
}

/**
 * Place an order, after a question if it would replace an open one. `mine` are the customer's
 * orders as far as they are known. Returns { order, isNew, replaced }, or null if the customer
 * keeps the open one.
 */
export async function place({ accountid, vendorid, ...details }, mine) {
  const content = JSON.stringify([accountid, vendorid, details]);
  // The same order sent once more has the same date, so the service recognizes it.
  if (unsure?.content !== content) unsure = { content, orderdate: new Date().toISOString() };
  const wanted = { accountid, vendorid, orderdate: unsure.orderdate, details };
  const login = session.login;
  const replaced = await openAt(wanted, mine);
  session.mustBe(login);
  if (replaced) {
    const choice = await openOrder.ask(replaced, wanted);
    session.mustBe(login);
    if (!choice) return null;
    if (choice.accountid) return place({ ...choice, vendorid, ...details }, mine);
  }
  const { order, isNew } = await api.placeOrder(wanted);
  unsure = null;
  return { order, isNew, replaced };
}

/** Return the customer's other open order where this one would go, or null. */
async function openAt(wanted, mine) {
  const there = await api.findOrder(keyOf(wanted));
  if (!there || !isOpen(there)) return null;
  if (there.orderdate === wanted.orderdate) return null; // this one, whose answer was lost
  const has = (orders) => orders.some((each) => sameKey(each, there));
  if (has(mine) || has((await api.myOrders()).orders)) return there;
  throw new Refused(403, "ForbiddenError", "This is another customer's order");
}

/** Return a refusal as { field, words }; the service names fields: `order.details.quantity: …`. */
export function explain(error) {
  const [, field, reason] = /^order\.(?:details\.)?(\w+): (.*)$/s.exec(error.message) ?? [];
  if (error.status === 400 && field) return { field, words: `This ${reason}.` };
  if (error.status === 403) return { field: "accountid", words: "Another customer has an open order under this name here: choose another name." };
  if (error.status === 409 && field === "orderdate") return { words: "A newer order of yours is there already: look at your orders." };
  if (error.status === 409) return { field, words: sentence(reason ?? error.message) };
  return error;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}`;
