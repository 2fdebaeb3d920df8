// Ordering, at a shop with or without a menu. Customers sign in when they place the order.

import * as api from "./api.js";
import { byId, element, onSubmit, sayError, setText, setTitle, showFault } from "./dom.js";
import * as menuForm from "./menu-form.js";
import * as myOrders from "./my-orders.js";
import { orderText } from "./order.js";
import * as orderForm from "./order-form.js";
import * as placing from "./place-order.js";
import { Poll } from "./poll.js";
import { session } from "./session.js";
import * as shops from "./shops.js";
import { tabStore } from "./storage.js";

const WAITING = "coffee-orders.waiting"; // whether an order waits for its customer to sign in
const title = byId("order-title");
const state = byId("shop-state");
const note = byId("order-note");
const shopField = orderForm.form.elements.vendorid;

let vendorid = "";
let shop = null;
const poll = new Poll(() => api.findShop(vendorid), (result) => showShop(result), fail);

export function start() {
  placing.start();
  menuForm.start();
  orderForm.start();
  myOrders.start(orderAgain);
  for (const { form, orderValues } of [menuForm, orderForm]) {
    onSubmit(form, (values) => order(form, orderValues(values)), explain);
  }
  shopField.addEventListener("change", findTypedShop);
  document.addEventListener("visibilitychange", () => shop && !document.hidden && poll.now());
}

/** Show a shop, or the form to choose one. */
export function open(params) {
  const newVendorid = params.get("shop") ?? "";
  if (newVendorid !== vendorid) setText(note, "");
  vendorid = newVendorid;
  if (session.username) myOrders.open();
  drawRecent();
  if (vendorid) {
    if (shop?.vendorid !== vendorid) {
      showForm(null);
      setText(title, "Order a coffee");
      setText(state, "Looking for the shop …");
    }
    poll.now();
  } else showShop(null);
}

export function close() {
  poll.stop();
  myOrders.close();
  shop = null;
}

/** Forget a customer who signed out; keep the input if they did not intend to. */
export function forget(keepForms) {
  myOrders.forget();
  placing.forget();
  setText(note, "");
  if (keepForms) return;
  shops.forget();
  menuForm.clear();
  orderForm.clear();
  tabStore.remove(WAITING);
}

function showShop(result) {
  shop = result?.shop ?? null;
  setText(title, shop?.name ?? "Order a coffee");
  setTitle({ part: shop?.name ?? "" });
  const closed = shop && !shop.open;
  setText(state, closed ? `Closed${shop.note ? `: ${shop.note}` : ""}` : "");
  state.classList.toggle("closed", Boolean(closed));
  if (shop) menuForm.show(shop);
  else if (vendorid) orderForm.fill({ accountid: orderForm.cupName(), vendorid, details: {} });
  showForm(shop ? menuForm.form : orderForm.form);
  return false;
}

function showForm(form) {
  for (const each of [menuForm.form, orderForm.form]) each.hidden = each !== form;
  if (!form) return;
  const name = form.elements.accountid;
  if (!name.value && session.username) name.value = session.username;
  if (!session.username || !tabStore.read(WAITING)) return;
  tabStore.remove(WAITING);
  setText(note, "You are signed in. Look at your order once more, then place it.");
  form.querySelector("button:not([type])").focus();
}

function fail(error) {
  if (shop) return false; // keep the shown menu; the service checks the order
  sayError(state, error);
  return true;
}

/** Offer the menu of the named shop, if it has one. */
async function findTypedShop() {
  const typedVendorid = shopField.value.trim();
  const result = typedVendorid && (await api.findShop(typedVendorid).catch(() => null));
  if (result && typedVendorid === shopField.value.trim()) location.hash = shops.addressOf(typedVendorid);
}

function drawRecent() {
  const others = shops.recent().filter((each) => each.vendorid !== vendorid);
  const links = others.map((each) => element("a", { class: "chip", href: shops.addressOf(each.vendorid) }, each.name ?? each.vendorid));
  if (vendorid) links.push(element("a", { class: "chip", href: "#order" }, "Another shop"));
  byId("recent").replaceChildren(...links);
}

async function order(form, values) {
  setText(note, "");
  const fault = form === menuForm.form && menuForm.missingFault(values);
  if (fault) return showFault(form, fault);
  if (!session.username) {
    tabStore.write(WAITING, true);
    location.hash = "#sign-in";
    return;
  }
  const result = await placing.place({ ...values, accountid: values.accountid || session.username }, myOrders.known());
  if (!result) return;
  shops.remember({ vendorid: values.vendorid, ...shop });
  myOrders.changeTo(result.order, true);
  setText(note, `Ordered: ${orderText(result.order)} for ${result.order.accountid}.${result.words}`);
  note.scrollIntoView({ block: "nearest" });
}

/** Show the shop's present menu, which may have changed. */
function explain(error) {
  const isAboutMenu = ["NotOnMenuError", "SoldOutError", "ShopClosedError"].includes(error.code);
  if (isAboutMenu && shop) poll.now();
  else if (isAboutMenu) findTypedShop();
  const fault = placing.explain(error);
  return fault.field && shop && !menuForm.form.elements[fault.field] ? { words: fault.words } : fault;
}

/** Fill in an earlier order without sending it. */
function orderAgain(order) {
  orderForm.fill(order);
  menuForm.choose(order);
  setText(note, "");
  const address = shops.addressOf(order.vendorid);
  if (location.hash === address) open(new URLSearchParams(address.split("?")[1]));
  else location.hash = address;
}
