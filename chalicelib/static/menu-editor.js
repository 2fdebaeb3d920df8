// The staff's menu: a row for each coffee, a column for each size, and the prices. A tap on Sold
// out is sent at once, without publishing the rest.

import * as api from "./api.js";
import { button, byId, element, onPress, onSubmit, sayError, setText, showFault } from "./dom.js";
import { plainPrice } from "./order.js";
import { addressOf, drawShopLinks } from "./shops.js";

const MAX_COFFEES = 50;
const form = byId("editor");
const note = byId("editor-note");
const [head, body] = byId("menu-table").children;

let vendorid = "";
let shop = null; // as it was published
let tag = null;
let turn = 0;
let taps = Promise.resolve(); // those on "Sold out", which are sent in their order
let fieldCount = 0; // for the ids of fields

onSubmit(form, publish, explain);
onSubmit(byId("note-form"), saveNote);
onPress("add-coffee", () => addCoffee().querySelector("input").focus());
onPress("add-size", () => addSize().querySelector("input").focus());
onPress("reload-menu", load);
byId("print").addEventListener("click", () => window.print());

export function open(params) {
  vendorid = params.get("shop");
  setText(byId("menu-title"), `Menu of ${vendorid}`);
  drawShopLinks(byId("menu"), "menu", vendorid);
  byId("published").hidden = true;
  return load();
}

export function close() {
  turn += 1;
  shop = tag = null;
}

export const forget = close;

/** Replace the input by the published menu. */
async function load() {
  const thisTurn = (turn += 1);
  setText(note, "Looking …");
  try {
    const published = await api.findShop(vendorid);
    if (thisTurn !== turn) return;
    setText(note, published ? "" : "This shop has no menu yet: customers type what they want.");
    byId("reload-menu").hidden = true;
    ({ shop, tag } = published ?? { shop: null, tag: null });
    drawTable();
    drawShop();
  } catch (error) {
    sayError(note, error);
    byId("reload-menu").hidden = false;
  }
}

function drawShop() {
  byId("published").hidden = !shop;
  if (!shop) return;
  byId("closed-note").value = shop.note ?? "";
  setText(byId("poster-name"), shop.name);
  byId("qr").src = api.url("shop/qr.svg", { vendorid });
  const address = new URL(addressOf(vendorid), document.baseURI).href;
  byId("shop-link").href = address;
  setText(byId("shop-link"), address);
}

function drawTable() {
  const menu = shop?.menu ?? [];
  const sizes = [...new Set(menu.flatMap((coffee) => coffee.sizes.map((size) => size.coffeesize)))];
  form.elements.name.value = shop?.name ?? "";
  form.elements.currency.value = shop?.currency ?? "";
  head.replaceChildren(element("tr", {}, element("th", { scope: "col" }, "Coffee")));
  body.replaceChildren();
  for (const size of sizes.length ? sizes : ["Small", "Regular", "Large"]) addSize(size);
  for (const coffee of menu) addCoffee(coffee);
  if (!menu.length) addCoffee();
}

/** Add a column; return its heading. */
function addSize(name = "") {
  const heading = element("th", { scope: "col" }, field("Size", name, 64));
  head.rows[0].append(heading);
  for (const row of body.rows) row.insertBefore(priceCell(row, ""), row.lastElementChild);
  return heading;
}

/** Add a row; return it. */
function addCoffee(coffee = { coffeetype: "", sizes: [] }) {
  const row = element("tr", {}, element("th", { scope: "row" }, field("Coffee", coffee.coffeetype, 64)));
  if (body.rows.length < MAX_COFFEES) body.append(row);
  for (const size of sizeNames()) {
    row.append(priceCell(row, coffee.sizes.find((each) => each.coffeesize === size)?.unitprice ?? ""));
  }
  const remove = button("Remove", { class: "quiet", "aria-label": `Remove ${coffee.coffeetype || "this coffee"}` }, () => row.remove());
  row.append(element("td", { class: "tools" }, ...(coffee.coffeetype ? [soldOutButton(coffee)] : []), remove));
  return row;
}

function priceCell(row, price) {
  const input = field("", price, byId("order-unitprice").maxLength);
  input.inputMode = "decimal";
  input.addEventListener("focus", () => {
    const coffee = row.querySelector("input").value;
    const size = sizeNames()[input.parentElement.cellIndex - 1];
    input.setAttribute("aria-label", `Price of ${coffee}, ${size}`);
  });
  return element("td", {}, input);
}

function field(label, value, maxlength) {
  fieldCount += 1;
  const input = element("input", { id: `menu-field-${fieldCount}`, maxlength, "aria-label": label || "Price" });
  input.value = value;
  return input;
}

const sizeNames = () => [...head.rows[0].cells].slice(1).map((cell) => cell.querySelector("input").value.trim());

function soldOutButton({ coffeetype, soldout }) {
  const toggle = button("Sold out", { class: "quiet toggle", "aria-pressed": String(Boolean(soldout)), "aria-label": `Sold out: ${coffeetype}` }, () => {
    // One at a time: two taps on one coffee must not overtake each other.
    taps = taps.then(() => toggleSoldOut(coffeetype, toggle));
    return taps;
  });
  return toggle;
}

async function toggleSoldOut(coffeetype, toggle) {
  const thisTurn = turn;
  if (!shop) return;
  const soldout = toggle.getAttribute("aria-pressed") !== "true";
  try {
    const update = await api.changeShop(vendorid, { soldout: { [coffeetype]: soldout } }, tag);
    if (thisTurn !== turn) return;
    ({ shop, tag } = update);
    toggle.setAttribute("aria-pressed", String(shop.menu.some((coffee) => coffee.coffeetype === coffeetype && coffee.soldout)));
    setText(note, "");
  } catch (error) {
    if (thisTurn === turn) sayError(note, error);
  }
}

/** Return the rows and cells of the menu in their order, without the empty ones. */
function filledRows() {
  const sizes = sizeNames();
  return [...body.rows]
    .map((row) => {
      const [coffee, ...prices] = row.querySelectorAll("input");
      return { coffee, prices: prices.map((price, at) => ({ price, size: sizes[at] })).filter(({ price }) => price.value.trim()) };
    })
    .filter(({ coffee, prices }) => coffee.value.trim() || prices.length);
}

async function publish({ name, currency }) {
  const menu = filledRows().map(({ coffee, prices }) => ({
    coffeetype: coffee.value.trim(),
    sizes: prices.map(({ price, size }) => ({ coffeesize: size, unitprice: plainPrice(price.value) })),
  }));
  setText(note, "");
  ({ shop, tag } = await api.publishShop(vendorid, { name, currency: currency.toUpperCase(), menu }, tag));
  drawTable();
  drawShop();
  setText(note, "Published.");
}

/** Find the field of an error such as `shop.menu[0].sizes[1].unitprice: must be …`. */
function explain(error) {
  if (error.status === 412) {
    byId("reload-menu").hidden = false;
    return { words: "A colleague has changed the menu meanwhile. Nothing was published: look at theirs, then make your changes again." };
  }
  const [, path, reason] = /^shop\.([^:]+): (.*)$/s.exec(error.message) ?? [];
  if (!path) return error;
  const [, row, cell] = /^menu\[(\d+)\](?:\.sizes\[(\d+)\])?/.exec(path) ?? [];
  const words = `This ${reason}.`;
  if (row === undefined) return { field: path, words };
  const { coffee, prices } = filledRows()[row];
  return { field: (prices[cell]?.price ?? coffee).id, words };
}

async function saveNote({ note: words }) {
  ({ shop, tag } = await api.changeShop(vendorid, { note: words }, tag));
  setText(byId("note-saved"), "Saved.");
}
