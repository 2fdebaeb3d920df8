// The order form of a shop without a menu. The input is kept over a reload and while the
// customer signs in.

import { byId } from "./dom.js";
import { plainDigits, plainPrice } from "./order.js";
import { tabStore } from "./storage.js";

const DRAFT = "coffee-orders.draft";
const FIELDS = ["coffeetype", "coffeesize", "quantity", "unitprice", "note", "vendorid", "accountid"];

export const form = byId("order-form");

export function start() {
  restoreDraft();
  form.addEventListener("input", keepDraft);
}

/** Return an order: the fields of the form, with its numbers in the service's format. */
export const orderValues = ({ accountid, vendorid, unitprice, quantity, ...details }) => ({
  accountid,
  vendorid,
  details: { ...details, unitprice: plainPrice(unitprice), quantity: plainDigits(quantity) },
});

/** Return the name on the cup. */
export const cupName = () => form.elements.accountid.value;

/** Fill in an order without sending it. */
export function fill({ accountid, vendorid, details }) {
  for (const [name, value] of Object.entries({ accountid, vendorid, note: "", ...details })) set(name, value);
  keepDraft();
}

export function clear() {
  form.reset();
  tabStore.remove(DRAFT);
}

function set(name, value) {
  const input = form.elements[name];
  const isNewChoice = input.tagName === "SELECT" && ![...input.options].some((option) => option.value === value);
  // With a value of its own: the value of an option that has only text loses consecutive blanks.
  if (isNewChoice) input.add(new Option(value, value));
  input.value = value;
}

function keepDraft() {
  tabStore.write(DRAFT, Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value])));
}

/** Restore a draft as far as possible: another version of the page may have written it. */
function restoreDraft() {
  const draft = Object(tabStore.read(DRAFT));
  for (const name of FIELDS) {
    if (typeof draft[name] === "string" && draft[name]) set(name, draft[name]);
  }
}
