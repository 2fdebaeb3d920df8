// The screen on the shop's wall: the orders that are being made or ready, without controls.

import * as api from "./api.js";
import { bdi, updateList } from "./cards.js";
import { byId, element, setText } from "./dom.js";
import { minutesSince, timeOfDay } from "./order.js";
import { Poll } from "./poll.js";

const GONE_AFTER = 10; // minutes that a name stays up once its coffee is ready

const poll = new Poll(fetchOrdersAndShop, show, fail);

let vendorid = "";
let shop = null;
let freshAt = null;
let lock = null;

document.addEventListener("visibilitychange", stayAwake);

export function open(params) {
  vendorid = params.get("shop");
  setText(byId("board-title"), vendorid);
  byId("board-qr").src = api.url("shop/qr.svg", { vendorid });
  stayAwake();
  poll.now();
}

export function close() {
  poll.stop();
  lock?.release().catch(() => {});
  lock = shop = freshAt = null;
  for (const id of ["board-making", "board-ready"]) byId(id).replaceChildren();
  for (const id of ["board-note", "board-state"]) setText(byId(id), "");
  byId("board-qr").hidden = true;
}

export const forget = close;

/** Keep the screen on. A browser ends the lock when the tab is hidden, and may deny it on low power. */
async function stayAwake() {
  if (document.hidden || byId("board").hidden || !navigator.wakeLock) return;
  lock = await navigator.wakeLock.request("screen").catch(() => null);
}

async function fetchOrdersAndShop() {
  const [orders, result] = await Promise.all([api.shopQueue(vendorid), api.findShop(vendorid)]);
  return { orders, shop: result?.shop ?? null };
}

function show(answer) {
  ({ shop } = answer);
  freshAt = new Date();
  const latestFirst = (a, b) => (b.since ?? "").localeCompare(a.since ?? "");
  const making = answer.orders.filter(({ status }) => status === "preparing");
  const ready = answer.orders.filter(({ status, since }) => status === "ready" && minutesSince(since) < GONE_AFTER);
  updateList(byId("board-making"), making, nameElement);
  updateList(byId("board-ready"), ready.sort(latestFirst), nameElement);
  setText(byId("board-title"), shop?.name ?? vendorid);
  const isOpen = Boolean(shop?.open);
  byId("board-qr").hidden = !isOpen;
  const closed = shop && !isOpen ? `Closed${shop.note ? `: ${shop.note}` : ""}` : "";
  setText(byId("board-state"), isOpen ? "Order here with your phone" : closed);
  setText(byId("board-note"), "");
  return true;
}

function fail(error) {
  const isFinal = error.status === 401 || error.status === 403;
  setText(byId("board-note"), freshAt && !isFinal ? `Not up to date since ${timeOfDay(freshAt)}` : error.message);
  return !isFinal;
}

const nameElement = ({ accountid }) => element("li", {}, bdi(accountid));
