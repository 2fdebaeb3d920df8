// The staff's menu: a row for each coffee, a column for each size, and the prices. What is typed is
// kept on this device until it is published or discarded. A tap on Sold out is sent at once.

import * as api from "./api.js";
import { busy, button, byId, element, onPress, onSubmit, sayError, setText, showFault } from "./dom.js";
import { addressOf, drawShopLinks, plainPrice, typablePrice } from "./order.js";
import { deviceStore } from "./session.js";

const MAX_COFFEES = 50;
const SIZES = ["Small", "Regular", "Large"]; // of a new menu
const SETTLE_TIME = 1; // seconds in which a button that has changed does nothing
const OUTDATED = "A colleague has published another menu meanwhile. Look at theirs, then make your changes again.";
const form = byId("editor");
const note = byId("editor-note");
const discard = byId("discard-menu");
const [head, body] = byId("menu-table").children;
const poll = new api.Poll(() => api.findShop(vendorid), showPolled, () => true);

let vendorid = "";
let shop = null; // as the service has it
let tag = null;
let tableTag = null; // with which the table was loaded; the table may only replace this menu
let turn = 0;
let taps = Promise.resolve(); // those on "Sold out", which are sent in their order
let fieldCount = 0; // for the ids of fields

onSubmit(form, publish, explain);
onSubmit(byId("note-form"), saveNote);
onPress("add-coffee", () => addCoffee().querySelector("input").focus());
onPress("add-size", () => addSize().querySelector("input").focus());
onPress("discard-menu", () => {
  deviceStore.remove(draftKey());
  return load();
});
form.addEventListener("input", keepDraft);
byId("note-form").addEventListener("input", () => setText(byId("note-saved"), ""));
byId("print").addEventListener("click", () => window.print());

export function open(params) {
  close(); // another shop's menu
  vendorid = params.get("shop");
  setText(byId("menu-title"), `Menu of ${vendorid}`);
  drawShopLinks(byId("menu"), "menu", vendorid);
  byId("published").hidden = true;
  return load();
}

export function close() {
  poll.stop();
  turn += 1;
  shop = tag = tableTag = null;
}

export const forget = close;

/** Show the published menu, or the draft that replaces it. */
async function load() {
  const thisTurn = (turn += 1);
  setText(note, "Looking …");
  try {
    const published = await api.findShop(vendorid);
    if (thisTurn !== turn) return;
    ({ shop, tag } = published ?? { shop: null, tag: null });
    const draft = deviceStore.read(draftKey());
    tableTag = draft ? draft.tag : tag;
    drawTable(draft ?? tableOf(shop));
    drawShop();
    const words = shop ? "" : "This shop has no menu yet: customers type what they want.";
    setText(note, draft ? "Your changes are kept on this device. They are not published." : words);
    if (draft && contentTag(draft.tag) !== contentTag(tag)) showFault(form, { words: OUTDATED });
    discard.hidden = !draft;
    poll.later();
  } catch (error) {
    if (thisTurn !== turn) return;
    sayError(note, error);
    discard.hidden = false;
  }
}

/** Return the part of a tag that changes with the published content, but not with Sold out. */
const contentTag = (etag) => etag?.split("-")[0];

const draftKey = () => `coffee-orders.menu ${vendorid}`;

function keepDraft() {
  setText(note, "");
  discard.hidden = false;
  deviceStore.write(draftKey(), { ...typedTable(), tag: tableTag });
}

/**
 * Return a shop's menu as a table: { name, currency, sizes, coffees }. Each coffee has its prices in
 * the published order, as { column, price }.
 */
function tableOf(published) {
  const { name = "", currency = "", menu = [] } = published ?? {};
  const sizes = [...new Set(menu.flatMap((coffee) => coffee.sizes.map((size) => size.coffeesize)))];
  const prices = (coffee) => coffee.sizes.map(({ coffeesize, unitprice }) => ({ column: sizes.indexOf(coffeesize), price: typablePrice(unitprice) }));
  return { name, currency, sizes: sizes.length ? sizes : SIZES, coffees: menu.map((coffee) => ({ coffeetype: coffee.coffeetype, prices: prices(coffee) })) };
}

/** Return the table that is on the screen. */
function typedTable() {
  const headings = sizeHeadings();
  return {
    name: form.elements.name.value,
    currency: form.elements.currency.value,
    sizes: headings.map(valueOf),
    coffees: [...body.rows].map((row) => ({
      coffeetype: valueOf(row),
      prices: filledPrices(row).map(({ heading, input }) => ({ column: headings.indexOf(heading), price: input.value })),
    })),
  };
}

function drawTable({ name, currency, sizes, coffees }) {
  form.elements.name.value = name;
  form.elements.currency.value = currency;
  head.replaceChildren(element("tr", {}, element("th", { scope: "col" }, "Coffee")));
  body.replaceChildren();
  for (const size of sizes) addSize(size);
  for (const coffee of coffees.length ? coffees : [undefined]) addCoffee(coffee);
}

/** Add a column; return its heading. */
function addSize(name = "") {
  const heading = element("th", { scope: "col" }, field("Size", name, 64));
  head.rows[0].append(heading);
  for (const row of body.rows) row.insertBefore(priceCell(row, ""), row.lastElementChild);
  return heading;
}

/** Add a row; return it. Its `headings` are the columns of its sizes in the published order. */
function addCoffee({ coffeetype, prices } = { coffeetype: "", prices: [] }) {
  const row = element("tr", {}, element("th", { scope: "row" }, field("Coffee", coffeetype, 64)));
  if (body.rows.length < MAX_COFFEES) body.append(row);
  const headings = sizeHeadings();
  row.headings = prices.map(({ column }) => headings[column]);
  headings.forEach((_, column) => row.append(priceCell(row, prices.find((each) => each.column === column)?.price ?? "")));
  const remove = button("Remove", { class: "quiet", "aria-label": `Remove ${coffeetype || "this coffee"}` }, () => removeRow(row));
  const published = shop?.menu.find((coffee) => coffee.coffeetype === coffeetype);
  row.append(element("td", { class: "tools" }, ...(published ? [soldOutButton(published)] : []), remove));
  return row;
}

function removeRow(row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  keepDraft();
  (next?.querySelector("input") ?? byId("add-coffee")).focus();
}

function priceCell(row, price) {
  const input = field("", price, byId("order-unitprice").maxLength);
  input.inputMode = "decimal";
  input.addEventListener("focus", () => {
    const size = valueOf(sizeHeadings()[input.parentElement.cellIndex - 1]);
    input.setAttribute("aria-label", `Price of ${valueOf(row)}, ${size}`);
  });
  return element("td", {}, input);
}

function field(label, value, maxlength) {
  fieldCount += 1;
  return element("input", { id: `menu-field-${fieldCount}`, maxlength, value, "aria-label": label || "Price" });
}

const sizeHeadings = () => [...head.rows[0].cells].slice(1);

/** Return the trimmed text of a cell or row: that of its first field. */
const valueOf = (part) => part.querySelector("input").value.trim();

/** Return the filled-in prices of a row, in the order of its sizes, as { heading, input }. */
function filledPrices(row) {
  const headings = sizeHeadings();
  return [...new Set([...row.headings, ...headings])]
    .map((heading) => ({ heading, input: row.cells[headings.indexOf(heading) + 1].querySelector("input") }))
    .filter(({ input }) => input.value.trim());
}

const filledRows = () => [...body.rows].filter((row) => valueOf(row) || filledPrices(row).length);

function soldOutButton({ coffeetype, soldout }) {
  const toggle = button("Sold out", { class: "quiet", "aria-pressed": soldout, "aria-label": `Sold out: ${coffeetype}`, "data-coffee": coffeetype }, () => {
    taps = taps
      .then(() => changeShop({ soldout: { [coffeetype]: toggle.getAttribute("aria-pressed") === "false" } }))
      .then(() => setText(note, ""), (error) => sayError(note, error));
    return taps;
  });
  return toggle;
}

/** Change the shop, if it is still as it was shown. */
async function changeShop(changes) {
  const thisTurn = turn;
  try {
    const changed = await api.changeShop(vendorid, changes, tag);
    if (thisTurn === turn) showState(changed);
  } catch (error) {
    if (thisTurn !== turn) return;
    if (error.status === 412) showState(await api.findShop(vendorid));
    throw error;
  }
}

/** Show a shop's state, but leave the table as it is. */
function showState(changed) {
  ({ shop, tag } = changed);
  for (const toggle of body.querySelectorAll("[data-coffee]")) {
    const isSoldOut = shop.menu.some(({ coffeetype, soldout }) => soldout && coffeetype === toggle.dataset.coffee);
    if (toggle.getAttribute("aria-pressed") === String(isSoldOut)) continue;
    toggle.setAttribute("aria-pressed", isSoldOut);
    busy(toggle, () => api.pause(SETTLE_TIME));
  }
  drawNote();
  poll.later();
}

/** Show what colleagues have changed, but leave the table as it is. */
function showPolled(published) {
  if (published && published.tag !== tag) showState(published);
  return true;
}

async function publish({ name, currency }) {
  const menu = filledRows().map((row) => ({
    coffeetype: valueOf(row),
    sizes: filledPrices(row).map(({ heading, input }) => ({ coffeesize: valueOf(heading), unitprice: plainPrice(input.value) })),
  }));
  const thisTurn = turn;
  const key = draftKey();
  const sentDraft = JSON.stringify({ ...typedTable(), tag: tableTag });
  const published = await api.publishShop(vendorid, { name, currency: currency.toUpperCase(), menu }, tableTag);
  if (JSON.stringify(deviceStore.read(key)) === sentDraft) deviceStore.remove(key);
  if (thisTurn !== turn) return;
  ({ shop, tag } = published);
  tableTag = tag;
  const hasMore = deviceStore.read(key) !== null; // typed while the menu was on its way
  if (hasMore) keepDraft();
  else drawTable(tableOf(shop));
  discard.hidden = !hasMore;
  drawShop();
  poll.later();
  setText(note, hasMore ? "Published, without what you typed since." : "Published.");
  if (document.activeElement === document.body) form.querySelector("button:not([type])").focus();
}

/** Find the field of an error such as `shop.menu[0].sizes[1].unitprice: must be …`. */
function explain(error) {
  if (error.status === 412) return { words: OUTDATED };
  const [, path, reason] = /^shop\.([^:]+): (.*)$/s.exec(error.message) ?? [];
  if (!path) return error;
  const [, position, size] = /^menu\[(\d+)\](?:\.sizes\[(\d+)\])?/.exec(path) ?? [];
  const words = `This ${reason}.`;
  if (position === undefined) return { field: path, words };
  const row = filledRows()[position];
  return { field: (filledPrices(row)[size]?.input ?? row.querySelector("input")).id, words };
}

function drawShop() {
  byId("published").hidden = !shop;
  if (!shop) return;
  byId("closed-note").value = shop.note;
  drawNote();
  setText(byId("poster-name"), shop.name);
  byId("qr").src = api.url("shop/qr.svg", { vendorid });
  const address = new URL(addressOf(vendorid), document.baseURI).href;
  byId("shop-link").href = address;
  setText(byId("shop-link"), address);
}

/** Show the present note below its field, which may have another one. */
const drawNote = () => setText(byId("closed-note-hint"), shop.note ? `Now “${shop.note}”` : "Such as “Back at 2”");

async function saveNote({ note: words }) {
  await changeShop({ note: words });
  if (byId("closed-note").value.trim() === words) setText(byId("note-saved"), "Saved.");
}
