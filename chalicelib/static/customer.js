// Ordering, at a shop with or without a menu. Customers sign in when they place the order.

import * as account from "./account.js";
import * as api from "./api.js";
import { button, byId, element, onSubmit, sayError, setText, setTitle, showFault } from "./dom.js";
import * as myOrders from "./my-orders.js";
import { addressOf, forgetShops, orderText, recentShops, rememberShop, waitingText } from "./order.js";
import * as forms from "./order-forms.js";
import * as placing from "./place-order.js";
import { session, tabStore } from "./session.js";

const WAITING = "coffee-orders.waiting"; // whether an order waits for its customer to sign in
const content = byId("order-content");
const title = byId("order-title");
const state = byId("shop-state");
const note = byId("order-note");
const shopField = forms.freeForm.elements.vendorid;

let vendorid = "";
let shop = null;
const poll = new api.Poll(fetchShop, (result) => showShop(result), fail);

export function start() {
  placing.start();
  forms.startMenuForm();
  forms.startFreeForm();
  myOrders.start(orderAgain, () => setText(note, ""));
  for (const [form, orderValues] of [[forms.menuForm, forms.menuOrder], [forms.freeForm, forms.freeOrder]]) {
    onSubmit(form, (values) => order(form, orderValues(values)), (error) => explain(error, form));
  }
  shopField.addEventListener("change", findTypedShop);
  document.addEventListener("visibilitychange", () => shop && !document.hidden && poll.now());
}

/** Show a shop, or the form to choose one. */
export function open(params) {
  const newVendorid = params.get("shop") ?? "";
  if (newVendorid !== vendorid) setText(note, "");
  vendorid = newVendorid;
  if (session.username) {
    myOrders.open();
    resumeOrder();
  }
  drawRecent();
  if (vendorid) {
    if (shop?.vendorid !== vendorid) {
      content.hidden = true; // until orders and menu can be shown at once: each would move the other
      setText(title, "Order a coffee");
      setText(byId("shop-waiting"), "Looking …");
    }
    poll.now();
  } else myOrders.shown().then(() => vendorid || showShop(null));
}

export function close() {
  poll.stop();
  myOrders.close();
  shop = null;
}

/** Forget a customer who signed out; keep the input if they did not intend to. */
export function forget(keepForms) {
  myOrders.forget();
  placing.forget(keepForms);
  setText(note, "");
  if (keepForms) return;
  forgetShops();
  forms.clearMenuForm();
  forms.clearFreeForm();
  tabStore.remove(WAITING);
}

/** Return the shop once the customer's open orders are on the screen: they would move the menu. */
async function fetchShop() {
  const result = await api.findShop(vendorid);
  await myOrders.shown();
  return result;
}

/** Show the shop; return whether to look again, because it is closed. */
function showShop(result) {
  shop = result?.shop ?? null;
  setText(title, shop?.name ?? "Order a coffee");
  setTitle({ part: shop?.name ?? "" });
  const isClosed = Boolean(shop && !shop.open);
  setText(state, isClosed ? `Closed${shop.note ? `: ${shop.note}` : ""}` : "");
  setText(byId("shop-waiting"), shop ? `Orders waiting: ${waitingText(shop)}` : "");
  if (shop) forms.showMenu(shop);
  else if (vendorid) forms.fillFreeForm({ accountid: forms.cupName(), vendorid, details: {} });
  showForm(shop ? forms.menuForm : forms.freeForm);
  return isClosed;
}

function showForm(form) {
  for (const each of [forms.menuForm, forms.freeForm]) each.hidden = each !== form;
  content.hidden = false;
  const name = form.elements.accountid;
  if (!name.value && session.username) name.value = session.username;
  if (!session.username || !tabStore.read(WAITING)) return;
  tabStore.remove(WAITING);
  sayOneMoreTap(form);
}

/** Say that the order in the form is not sent, and bring its button into view. */
function sayOneMoreTap(form) {
  setText(form.querySelector(".one-more"), "One more tap: nothing is ordered yet.");
  const submit = form.querySelector("button:not([type])");
  submit.closest(".last").scrollIntoView({ block: "center" });
  submit.focus({ preventScroll: true });
}

function fail(error) {
  if (shop) return !shop.open; // keep the shown menu; the service checks the order
  content.hidden = false;
  sayError(byId("shop-waiting"), error);
  return true;
}

/** Offer the menu of the named shop, if it has one. */
async function findTypedShop() {
  const typedVendorid = shopField.value.trim();
  const result = typedVendorid && (await api.findShop(typedVendorid).catch(() => null));
  if (result && typedVendorid === shopField.value.trim()) location.hash = addressOf(typedVendorid);
}

function drawRecent() {
  const others = recentShops().filter((each) => each.vendorid !== vendorid);
  const links = others.map((each) => element("a", { class: "chip", href: addressOf(each.vendorid) }, each.name ?? each.vendorid));
  if (vendorid) links.push(element("a", { class: "chip", href: "#order" }, "Another shop"));
  byId("recent").replaceChildren(...links);
}

async function order(form, newOrder) {
  setText(note, "");
  setText(form.querySelector(".one-more"), "");
  const fault = form === forms.menuForm && forms.missingFault(newOrder);
  if (fault) return showFault(form, fault);
  if (!session.username) {
    tabStore.write(WAITING, true);
    account.say(`Sign in to order ${orderText(newOrder)}. Nothing is ordered yet.`);
    location.hash = "#sign-in";
    return;
  }
  const { note: remark, ...details } = newOrder.details;
  const accountid = newOrder.accountid || session.username;
  const placedOrder = { ...newOrder, accountid, details: { ...details, ...(remark && { note: remark }) } };
  showPlaced(await placing.place(placedOrder, myOrders.known()));
}

/** Send an order of before a reload again, and show what came of it. */
async function resumeOrder() {
  try {
    showPlaced(await placing.resume());
  } catch (error) {
    sayError(note, error);
  }
}

function showPlaced(result) {
  if (!result) return;
  const { order, words } = result;
  rememberShop({ ...shop, vendorid: order.vendorid });
  setText(note, `Ordered: ${orderText(order)} for ${order.accountid}.${words}`);
  myOrders.changeTo(order, true);
  note.scrollIntoView({ block: "nearest" });
}

/** Return a rejection as { field, words, action }, and show the shop's present menu. */
async function explain(error, form) {
  if (error.status === 409 && shop) poll.now();
  else if (error.status === 409) findTypedShop();
  if (error.status === 412) myOrders.open();
  const fault = placing.explain(error);
  if (error.status === 403) fault.action = await freeNameButton(form);
  return fault.field && shop && !forms.menuForm.elements[fault.field] ? { words: fault.words } : fault;
}

/** Create a button that orders under a name that is free, such as "Ann 2". */
async function freeNameButton(form) {
  const name = form.elements.accountid;
  const accountid = await placing.freeName({ accountid: name.value || session.username, vendorid: vendorid || shopField.value });
  return button(`Order as ${accountid}`, {}, () => {
    name.value = accountid;
    form.requestSubmit();
  });
}

/** Fill in an earlier order without sending it. */
async function orderAgain(order) {
  forms.fillFreeForm(order);
  forms.chooseFromMenu(order);
  setText(note, "");
  tabStore.write(WAITING, true);
  const address = addressOf(order.vendorid);
  if (location.hash === address) open(new URLSearchParams(address.split("?")[1]));
  else location.hash = address;
}
