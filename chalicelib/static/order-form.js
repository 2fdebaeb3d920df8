// The order form: what was typed is kept over a reload, and a refusal is shown at its field.

import { byId } from "./dom.js";
import { plainDigits, plainPrice } from "./numbers.js";
import { tabStore } from "./storage.js";

const DRAFT = "coffee-orders.draft";
const FIELDS = ["coffeetype", "coffeesize", "quantity", "unitprice", "vendorid", "accountid"];

export const form = byId("order-form");

export function start() {
  restoreDraft();
  form.addEventListener("input", keepDraft);
}

/** Write the numbers of a form's values as the service wants them. */
export const plain = (values) => ({
  ...values,
  unitprice: plainPrice(values.unitprice),
  quantity: plainDigits(values.quantity),
});

/** Fill in an order; nothing is sent yet. */
export function fill({ accountid, vendorid, details }) {
  for (const [name, value] of Object.entries({ accountid, vendorid, ...details })) set(name, value);
  keepDraft();
  form.querySelector("button").focus();
}

export function clear() {
  form.reset();
  tabStore.remove(DRAFT);
}

/** Find the field that the service names: `order.details.quantity: must be ...`. */
export function explain(error) {
  const [path, ...rest] = error.message.split(": ");
  const field = path.split(".").pop();
  if (error.status === 400 && FIELDS.includes(field)) return { field, words: `This ${rest.join(": ")}.` };
  if (error.status === 403) return { field: "accountid", words: "Somebody else orders under this account at this shop: choose another." };
  if (error.status === 409 && field === "orderdate") return { words: "A newer order of yours is there already: look at your orders." };
  if (error.status === 409) return { field: "vendorid", words: `${error.message}. You can order here again once it is collected.` };
  return { words: error.message };
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

/** Restore what can be read of a draft: another version of the page may have written it. */
function restoreDraft() {
  const draft = Object(tabStore.read(DRAFT));
  for (const name of FIELDS) {
    if (typeof draft[name] === "string" && draft[name]) set(name, draft[name]);
  }
}
