// The screen on the shop's wall: the orders that are being made or ready, without controls.

import * as api from "./api.js";
import { byId, element, setText } from "./dom.js";
import { bdi, isLater, keyText, minutesSince, timeOfDay, waitingText } from "./order.js";

const GONE_AFTER = 10; // minutes that a name stays up once its coffee is ready

const qr = byId("board-qr");
const poll = new api.Poll(fetchOrdersAndShop, show, fail, { isAwake: true });

let vendorid = "";
let freshAt = null;
let places = {}; // for each list, the key of the order at each place

export function open(params) {
  vendorid = params.get("shop");
  setText(byId("board-title"), vendorid);
  poll.now();
}

export function close() {
  poll.stop();
  freshAt = null;
  places = {};
  for (const id of ["board-making", "board-ready"]) byId(id).replaceChildren();
  for (const id of ["board-note", "board-state"]) setText(byId(id), "");
  qr.hidden = true;
  qr.removeAttribute("src");
}

export const forget = close;

async function fetchOrdersAndShop() {
  const [{ orders }, published] = await Promise.all([api.shopQueue(vendorid), api.findShop(vendorid)]);
  return { orders, shop: published?.shop ?? null };
}

function show({ orders, shop }) {
  freshAt = new Date();
  drawNames("making", orders.filter(({ status }) => status === "preparing"));
  drawNames("ready", orders.filter(({ status, since }) => status === "ready" && minutesSince(since) < GONE_AFTER));
  setText(byId("board-title"), shop?.name ?? vendorid);
  drawShop(shop);
  setText(byId("board-note"), "");
  return true;
}

/** Show the latest orders for which there is a place. Each name keeps its place. */
function drawNames(status, orders) {
  const list = byId(`board-${status}`);
  const size = placeCount(list);
  const latest = [...orders].sort((a, b) => (isLater(a, b) ? -1 : 1)).slice(0, size);
  const shown = new Map(latest.map((order) => [keyText(order), order]));
  const taken = Array.from({ length: size }, (_, place) => (shown.has(places[status]?.[place]) ? places[status][place] : null));
  for (const key of shown.keys()) if (!taken.includes(key)) taken[taken.indexOf(null)] = key;
  places[status] = taken;
  // Unchanged names stay as they are, so that the board does not flicker.
  taken.forEach((key, place) => {
    const item = list.children[place] ?? list.appendChild(element("li"));
    if (item.dataset.key === String(key)) return;
    item.dataset.key = String(key);
    item.replaceChildren(...(key ? [bdi(shown.get(key).accountid)] : []));
  });
  while (list.children.length > size) list.lastElementChild.remove();
  setText(byId(`board-${status}-more`), orders.length > size ? `+${orders.length - size}` : "");
}

/** Return how many names fit into a list. */
function placeCount(list) {
  const { gridTemplateColumns, gridAutoRows, rowGap } = getComputedStyle(list);
  const rows = Math.floor((list.clientHeight + parseFloat(rowGap)) / (parseFloat(gridAutoRows) + parseFloat(rowGap)));
  return Math.max(1, rows * gridTemplateColumns.split(" ").length);
}

function drawShop(shop) {
  const isOpen = Boolean(shop?.open);
  qr.hidden = !isOpen;
  // A code that did not load is requested again.
  if (isOpen && qr.complete && !qr.naturalWidth) qr.src = api.url("shop/qr.svg", { vendorid });
  const closed = shop && !isOpen ? `Closed${shop.note ? `: ${shop.note}` : ""}` : "";
  setText(byId("board-state"), isOpen ? "Order here with your phone" : closed);
  setText(byId("board-waiting"), isOpen ? `${waitingText(shop)} waiting` : "");
}

function fail(error) {
  const isFinal = error.status === 401 || error.status === 403;
  setText(byId("board-note"), freshAt && !isFinal ? `Not up to date since ${timeOfDay(freshAt)}` : error.message);
  return !isFinal;
}
