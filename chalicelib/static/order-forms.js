// The two forms to order with: the menu of a shop, and one for a shop without a menu. What was chosen or
// typed is kept over a reload and while the customer signs in.

import { byId, clearErrors, element, setText } from "./dom.js";
import { plainDigits, plainPrice, priceText, totalPrice } from "./order.js";
import { tabStore } from "./session.js";

const KEY = "coffee-orders.choice";

export const menuForm = byId("menu-form");
const panel = byId("choice");
const submit = byId("menu-submit");

let shop = null;

export function startMenuForm() {
  menuForm.addEventListener("input", ({ target }) => {
    clearErrors(menuForm);
    if (target.name === "coffeetype") {
      drawPanel(checkedValue("coffeesize"));
      panel.scrollIntoView({ block: "nearest" });
    }
    onChange();
  });
  byId("fewer").addEventListener("click", () => step(-1));
  byId("more").addEventListener("click", () => step(1));
}

/** Show the menu of a shop, with the earlier choice. */
export function showMenu(published) {
  if (JSON.stringify(shop) === JSON.stringify(published)) return;
  const choice = shop?.vendorid === published.vendorid ? currentChoice() : storedChoice(published.vendorid);
  const focusedId = menuForm.contains(document.activeElement) && document.activeElement.id;
  shop = published;
  menuForm.append(panel); // so that it stays
  byId("coffees").replaceChildren(...shop.menu.map((coffee, at) => drawCoffee(coffee, at, choice.coffeetype)));
  drawPanel(choice.coffeesize);
  byId("cups").value = choice.quantity || "1";
  byId("cup-name").value = choice.accountid ?? "";
  byId("remark").value = choice.note ?? "";
  onChange();
  if (focusedId) byId(focusedId)?.focus({ preventScroll: true });
}

/** Change the choice, for this shop or the next one. */
export function chooseFromMenu({ accountid, vendorid, details }) {
  shop = null;
  tabStore.write(KEY, { vendorid, accountid, ...details });
}

export function clearMenuForm() {
  shop = null;
  menuForm.reset();
  menuForm.append(panel);
  byId("coffees").replaceChildren();
  tabStore.remove(KEY);
}

/** Return an order: the fields of the form, with the price that is shown. */
export const menuOrder = ({ accountid, quantity, ...details }) => ({
  accountid,
  vendorid: shop.vendorid,
  details: { ...details, quantity: plainDigits(quantity), unitprice: chosenSize()?.unitprice },
});

/** Return what is missing, as { field, words }, or null. */
export const missingFault = ({ details }) => (details.coffeesize ? null : { field: "coffeesize", words: "Choose a size." });

function drawCoffee({ coffeetype, soldout, sizes }, at, chosen) {
  const prices = sizes.map((each) => each.unitprice).sort((a, b) => a - b);
  const prefix = prices[0] === prices[prices.length - 1] ? "" : "from ";
  const note = soldout ? "Sold out" : prefix + priceText(prices[0], shop.currency);
  return choiceElement("coffeetype", coffeetype, at, note, !soldout && coffeetype === chosen, soldout);
}

/** Open the panel at the chosen coffee. */
function drawPanel(chosenSizeName) {
  const sizes = chosenCoffee()?.sizes ?? [];
  const only = sizes.length === 1;
  byId("sizes").replaceChildren(
    ...sizes.map(({ coffeesize, unitprice }, at) =>
      choiceElement("coffeesize", coffeesize, at, priceText(unitprice, shop.currency), only || coffeesize === chosenSizeName, false),
    ),
  );
  panel.hidden = !sizes.length;
  menuForm.querySelector('input[name="coffeetype"]:checked')?.closest(".choice").after(panel);
}

function choiceElement(name, value, at, note, isChosen, isDisabled) {
  const id = `${name}-${at}`;
  const input = element("input", { type: "radio", name, id, value, "aria-describedby": `${id}-note` });
  input.checked = isChosen;
  input.disabled = isDisabled;
  const label = element("label", { for: id }, element("bdi", {}, value));
  return element("div", { class: "choice" }, input, label, element("span", { id: `${id}-note`, class: "price" }, note));
}

const checkedValue = (name) => menuForm.querySelector(`input[name="${name}"]:checked`)?.value;
const chosenCoffee = () => shop.menu.find((each) => each.coffeetype === checkedValue("coffeetype"));
const chosenSize = () => chosenCoffee()?.sizes.find((each) => each.coffeesize === checkedValue("coffeesize"));
const currentChoice = () => Object.fromEntries(new FormData(menuForm));

function storedChoice(vendorid) {
  const choice = Object(tabStore.read(KEY));
  return choice.vendorid === vendorid ? choice : {};
}

function step(by) {
  const { value, dataset } = byId("cups");
  const cups = (Number(plainDigits(value)) || 0) + by;
  byId("cups").value = Math.min(Number(dataset.max), Math.max(Number(dataset.min), cups));
  onChange();
}

function onChange() {
  if (!shop) return;
  tabStore.write(KEY, { ...currentChoice(), vendorid: shop.vendorid });
  const quantity = plainDigits(byId("cups").value.trim());
  const price = chosenSize()?.unitprice;
  const sum = price && /^\d{1,4}$/.test(quantity) ? ` · ${priceText(totalPrice(price, quantity), shop.currency)}` : "";
  setText(submit, shop.open ? `Order${sum}` : "Closed");
  submit.disabled = !shop.open;
}

const DRAFT = "coffee-orders.draft";

export const freeForm = byId("order-form");

export function startFreeForm() {
  restoreDraft();
  freeForm.addEventListener("input", keepDraft);
}

/** Return an order: the fields of the form, with its numbers in the service's format. */
export const freeOrder = ({ accountid, vendorid, unitprice, quantity, ...details }) => ({
  accountid,
  vendorid,
  details: { ...details, unitprice: plainPrice(unitprice), quantity: plainDigits(quantity) },
});

/** Return the name on the cup. */
export const cupName = () => freeForm.elements.accountid.value;

/** Fill in an order without sending it. */
export function fillFreeForm({ accountid, vendorid, details }) {
  for (const [name, value] of Object.entries({ accountid, vendorid, note: "", ...details })) set(name, value);
  keepDraft();
}

export function clearFreeForm() {
  freeForm.reset();
  tabStore.remove(DRAFT);
}

function set(name, value) {
  const input = freeForm.elements[name];
  const isNewChoice = input.tagName === "SELECT" && ![...input.options].some((option) => option.value === value);
  // With a value of its own: the value of an option that has only text loses consecutive blanks.
  if (isNewChoice) input.add(new Option(value, value));
  input.value = value;
}

function keepDraft() {
  tabStore.write(DRAFT, Object.fromEntries(new FormData(freeForm)));
}

/** Restore a draft as far as possible: another version of the page may have written it. */
function restoreDraft() {
  for (const [name, value] of Object.entries(Object(tabStore.read(DRAFT)))) {
    if (typeof value === "string" && value && freeForm.elements[name]) set(name, value);
  }
}
