// The staff's queue: new orders, orders being made and ready orders, side by side.

import * as api from "./api.js";
import { announce, button, byId, element, onPress, sayError, setText, setTitle } from "./dom.js";
import { serverNow } from "./network.js";
import { ageElement, bdi, drawShopLinks, isOpen, keyText, orderText, showAges, statusText, timeOfDay, updateList } from "./order.js";
import { deviceStore } from "./session.js";
import * as steps from "./steps.js";

const FEW = 3; // the most orders of a short list
const MANY = { small: 9, large: 6 }; // the most orders in one column, for each size of text
const MAX_LARGE = 12; // the most open orders that are shown at the large size
const MAX_ROWS = 500; // the most orders that are drawn
const SETTLE_TIME = 1_000; // ms in which the buttons of a row that has moved do nothing
const RECENT = 30 * 60_000; // ms for which a step can be put back
const NOTE_TIME = 20_000; // ms for which a message stays
const SOUND = "coffee-orders.sound"; // whether this device makes a sound
const TONE = 880; // Hz
const TONE_LENGTH = 0.3; // seconds

// For each status: its list, the next and the previous status, and the labels of both steps.
const LISTS = {
  placed: { list: byId("new"), next: "preparing", label: "Start" },
  preparing: { list: byId("making"), next: "ready", label: "Ready", previous: "placed" },
  ready: { list: byId("ready"), next: "collected", label: "Collected", previous: "preparing" },
};
const PREVIOUS = { preparing: "placed", ready: "preparing", collected: "ready" };

const section = byId("queue");
const note = byId("queue-note");
const state = byId("queue-state");
const pause = byId("pause");
const recent = byId("recent-steps");
const newBelow = byId("new-below");
const poll = new api.Poll(fetchOrdersAndShop, show, fail, { hidden: true, isAwake: true });
const settleTimers = new WeakMap();
const unseenRows = new IntersectionObserver(markSeen);

let vendorid = "";
let orders = []; // as the service has them
let isComplete = true; // whether these are all
let shop = null;
let shopTag = null;
let freshAt = null; // when orders was fetched
let isStale = false; // whether the latest request for orders failed
let ages = null;
let shownKeys = null; // the keys of the orders that were shown before
let asking = null; // the key of the order whose cancellation is asked about
let lastStep = null; // { before, status }, which can be undone
let audio = null;

steps.start(draw, showFailure);
onPress("pause", togglePause);
onPress("undo-last", undoLast);
onPress("sound", () => {
  deviceStore.write(SOUND, !isSoundOn());
  drawSound();
  makeSound();
});
newBelow.addEventListener("click", () => unseen()[0].scrollIntoView({ block: "center" }));
recent.addEventListener("toggle", () => recent.open && fetchRecent());
document.addEventListener("keydown", (event) => {
  if (section.hidden) return;
  if (event.key === "z" && (event.ctrlKey || event.metaKey)) undoLast();
  if (event.repeat && event.target.closest(".row")) event.preventDefault(); // a key that is held down
});

/** Show the queue of the shop in the address. */
export function open(params) {
  if (params.get("shop") !== vendorid) clear();
  vendorid = params.get("shop");
  drawShopLinks(section, "queue", vendorid);
  setText(byId("queue-title"), vendorid);
  drawSound();
  if (!freshAt) setText(state, "Looking …");
  ages ??= setInterval(() => showAges(section), 15_000);
  steps.sendAll();
  poll.now();
}

export function close() {
  poll.stop();
  clearInterval(ages);
  ages = null;
  clear();
}

export function forget() {
  steps.forget();
  close();
  vendorid = "";
}

function clear() {
  orders = [];
  shop = shopTag = freshAt = shownKeys = asking = lastStep = null;
  recent.open = false;
  pause.hidden = true;
  setText(note, "");
  draw();
}

function fetchOrdersAndShop() {
  return Promise.all([api.shopQueue(vendorid), api.findShop(vendorid)]);
}

function show([queue, published]) {
  ({ orders, isComplete } = queue);
  freshAt = new Date();
  isStale = false;
  showShop(published);
  draw();
  const dateKey = (order) => keyText(order) + order.orderdate;
  const newOrders = shownKeys ? orders.filter((order) => order.status === "placed" && !shownKeys.has(dateKey(order))) : [];
  shownKeys = new Set(orders.map(dateKey));
  if (newOrders.length) tellOf(newOrders);
  if (recent.open) fetchRecent();
  return true;
}

/** Tell of new orders by a sound, to a screen reader, and by a button if they are out of sight. */
function tellOf(newOrders) {
  makeSound();
  const [first] = newOrders;
  announce(newOrders.length === 1 ? `A new order: ${orderText(first)} for ${first.accountid}.` : `${newOrders.length} new orders.`);
  for (const order of newOrders) {
    const row = rowOf(order);
    if (!row) continue;
    row.dataset.unseen = "";
    unseenRows.observe(row);
  }
}

function markSeen(entries) {
  for (const { target, isIntersecting, boundingClientRect } of entries) {
    if (!isIntersecting && boundingClientRect.top > 0) continue;
    delete target.dataset.unseen;
    unseenRows.unobserve(target);
  }
  drawNewBelow();
}

const unseen = () => section.querySelectorAll(".row[data-unseen]");

function drawNewBelow() {
  const count = unseen().length;
  newBelow.hidden = count === 0;
  setText(newBelow, `${count} new below`);
}

function fail(error) {
  if (error.status === 401 || error.status === 403) {
    setText(note, error.message);
    return false;
  }
  isStale = true;
  setText(state, freshAt ? `Not up to date since ${timeOfDay(freshAt)}.` : error.message);
  state.classList.add("error");
  return true;
}

function draw() {
  const openOrders = steps.withSteps(orders).filter(isOpen);
  const shownOrders = new Set(openOrders.slice(0, MAX_ROWS));
  const positions = new Map(rows().map((row) => [row.dataset.key, positionOf(row)]));
  section.dataset.text = openOrders.length <= MAX_LARGE ? "large" : "small";
  const lists = Object.entries(LISTS).map(([status, { list }]) => [list, openOrders.filter((order) => order.status === status)]);
  const hasRoom = lists.some(([, { length }]) => length <= FEW);
  for (const [list, listOrders] of lists) {
    const drawnOrders = listOrders.filter((order) => shownOrders.has(order));
    updateList(list, drawnOrders.map(toRow), drawRow);
    list.parentElement.dataset.size = widthOf(listOrders.length, hasRoom);
    const hidden = listOrders.length - drawnOrders.length;
    setText(list.parentElement.querySelector(".more"), hidden ? `and ${hidden} more` : "");
    const heading = list.parentElement.querySelector("h3");
    setText(heading, `${heading.textContent.split(" ")[0]} ${listOrders.length}${isComplete ? "" : "+"}`);
  }
  section.querySelector(".lists").classList.toggle("two-columns", section.querySelector('[data-size="many"]') !== null);
  for (const row of rows()) {
    if (shownKeys && positions.get(row.dataset.key) !== positionOf(row)) settle(row);
  }
  if (freshAt && !isStale) {
    setText(state, openOrders.length ? "" : "Nothing to do. New orders appear here.");
    state.classList.remove("error");
  }
  const newCount = openOrders.filter(({ status }) => status === "placed").length;
  if (!section.hidden) setTitle({ part: newCount ? `(${newCount}) Queue` : "Queue" });
  drawUndo();
  drawNewBelow();
}

/** Return the width of a list: a long one has two columns if others are short. */
function widthOf(count, hasRoom) {
  if (!count) return "none";
  if (count > MANY[section.dataset.text] && hasRoom) return "many";
  return count > FEW ? "some" : "few";
}

const rows = () => [...section.querySelectorAll(".row")];
const rowOf = (order) => rows().find((row) => row.dataset.key === keyText(order));

/** Return where a row is in the document. */
function positionOf(row) {
  const { left, top } = row.getBoundingClientRect();
  return `${Math.round(left + window.scrollX)} ${Math.round(top + window.scrollY)}`;
}

/** Let the buttons of a row that has moved do nothing, until it was seen where it is now. */
function settle(row) {
  row.classList.add("settling");
  clearTimeout(settleTimers.get(row));
  settleTimers.set(row, setTimeout(() => row.classList.remove("settling"), SETTLE_TIME));
}

const toRow = (order) => ({ ...order, isAsking: asking === keyText(order) && order.status === "placed" });

function drawRow(order) {
  const { accountid, details, isAsking, isWaiting } = order;
  const what = element("div", { class: "what" }, element("strong", {}, bdi(accountid)), " ", ageElement(order), element("p", {}, bdi(orderText(order))));
  if (details.note) what.append(element("p", { class: "order-note" }, bdi(details.note)));
  if (isWaiting) what.append(element("p", { class: "waiting" }, "Waiting to be sent"));
  if (isAsking) what.append(element("p", { class: "ask" }, "Cancel this order?"));
  return element("li", { class: "row", tabindex: "-1" }, what, ...(isAsking ? answerButtons(order) : stepButtons(order)));
}

function stepButtons(order) {
  const { next, label } = LISTS[order.status];
  const step = rowButton(order, label, "step", () => change(order, next));
  if (order.status !== "placed") return [step];
  return [rowButton(order, "Can’t make it", "reject", () => ask(order)), step];
}

const answerButtons = (order) => [
  rowButton(order, "Yes, cancel", "confirm", () => change(order, "cancelled")),
  rowButton(order, "Keep it", "keep", () => ask(null)),
];

function rowButton(order, label, kind, press) {
  const attributes = { class: kind, "data-kind": kind, "aria-label": `${label}: ${orderText(order)} for ${order.accountid}` };
  const created = button(label, attributes, () => created.closest(".settling") || press());
  return created;
}

/** Ask whether an order is to be cancelled, in its row; null asks no more. */
function ask(order) {
  const previousKey = asking;
  asking = order && keyText(order);
  draw();
  const row = rows().find(({ dataset }) => dataset.key === (asking ?? previousKey));
  if (!row) return;
  settle(row);
  (row.querySelector('[data-kind="keep"]') ?? row).focus({ preventScroll: true });
}

function change({ isAsking, isWaiting, ...order }, status) {
  asking = null;
  lastStep = status === "cancelled" ? null : { before: order, status };
  steps.changeStatus(order, status);
  announce(`${order.accountid}: ${statusText({ status })}.`);
}

function undoLast() {
  if (!lastStep) return;
  const { before, status } = lastStep;
  lastStep = null;
  steps.undo(before, status);
  drawUndo();
  announce(`${before.accountid}: ${statusText(before)}.`);
}

function drawUndo() {
  byId("undo").hidden = !lastStep;
  if (!lastStep) return;
  const text = `${lastStep.before.accountid}: ${statusText(lastStep)}`;
  setText(byId("undo-what"), text);
  byId("undo-last").setAttribute("aria-label", `Undo: ${text}`);
}

/** Show a message below those that are still shown. */
function say(text) {
  const line = element("p", {}, text);
  note.append(line);
  setTimeout(() => line.remove(), NOTE_TIME);
}

function showFailure(order, words) {
  say(`${order.accountid}: ${words}`);
  if (lastStep && keyText(lastStep.before) === keyText(order)) lastStep = null;
  poll.later();
}

/** Show the steps of the last 30 minutes, each with a button that puts its order back. */
async function fetchRecent() {
  const isRecent = ({ status, since }) => status in PREVIOUS && serverNow() - Date.parse(since) < RECENT;
  try {
    const collected = await api.collectedOrders(vendorid);
    const recentOrders = [...steps.withSteps(orders).filter(isOpen), ...collected].filter(isRecent);
    recentOrders.sort((a, b) => b.since.localeCompare(a.since));
    updateList(byId("recent-orders"), recentOrders, drawRecent);
    setText(byId("recent-state"), recentOrders.length ? "" : "Nothing was done.");
  } catch (error) {
    sayError(byId("recent-state"), error);
  }
}

function drawRecent(order) {
  const text = `${order.accountid}: ${statusText(order)}`;
  const putBack = async () => {
    change(order, PREVIOUS[order.status]);
    await steps.sendAll();
    await fetchRecent();
  };
  return element(
    "li",
    { tabindex: "-1" },
    element("span", {}, bdi(order.accountid), `: ${statusText(order)} · `, bdi(orderText(order))),
    button("Put back", { class: "quiet", "data-kind": "put-back", "aria-label": `Put back: ${text}` }, putBack),
  );
}

const isSoundOn = () => deviceStore.read(SOUND) === true;
const drawSound = () => byId("sound").setAttribute("aria-pressed", isSoundOn());

/** Make a short sound, if it is allowed. Browsers make none before the first tap on the page. */
function makeSound() {
  if (!isSoundOn()) return;
  audio ??= new AudioContext();
  audio.resume();
  const tone = new OscillatorNode(audio, { frequency: TONE });
  tone.connect(new GainNode(audio, { gain: 0.2 })).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + TONE_LENGTH);
}

function showShop(published) {
  shop = published?.shop ?? null;
  shopTag = published?.tag ?? null;
  setText(byId("queue-title"), shop?.name ?? vendorid);
  pause.hidden = !shop;
  if (!shop) return;
  setText(pause, shop.open ? "Pause orders" : "Reopen");
  pause.classList.toggle("quiet", shop.open);
  section.classList.toggle("paused", !shop.open);
}

async function togglePause() {
  try {
    showShop(await api.changeShop(vendorid, { open: !shop.open }, shopTag));
    say(shop.open ? "The shop is open again." : "Paused. Orders on their way may still arrive.");
    poll.later();
  } catch (error) {
    say(error.message);
    if (error.status === 412) await poll.now();
  }
}
