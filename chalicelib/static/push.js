// Web Push: a notification when an order is ready, also on a locked phone. The order carries the
// address of this browser's push subscription; the worker in sw.js shows the notification.

import * as api from "./api.js";
import { isOpen, keyOf, keyText } from "./order.js";
import { shopInfo } from "./shops.js";

const CACHE = "coffee-orders";
const NOTE = "watched-orders"; // sw.js reads it
const WAITING = ["placed", "preparing"];
const publicKey = document.querySelector("meta[name=push-key]").content;
const hasPush = Boolean(publicKey) && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const isPhoneWithoutApp = "standalone" in navigator && !navigator.standalone; // Safari on iPhone and iPad

const policy = window.trustedTypes?.createPolicy("service-worker", { createScriptURL: workerUrl });
const sent = new Set(); // the orders that carry the subscription
let registration = null;
let subscription = null;
let steps = Promise.resolve();

/** Run one step after the other: signing out must not meet a subscription that is being made. */
const inTurn = (step) => (steps = steps.then(step, step));

/** Find this browser's subscription. `onNews()` is called when the worker has announced something. */
export const start = (onNews) =>
  inTurn(async () => {
    if (!hasPush) return;
    navigator.serviceWorker.addEventListener("message", onNews);
    registration = (await navigator.serviceWorker.getRegistration(document.baseURI)) ?? null;
    subscription = (await registration?.pushManager.getSubscription()) ?? null;
  });

/** Whether a subscription sends news of orders to this browser. */
export const isOn = () => Boolean(subscription);

/** Return what to offer a customer who has an open order: "button", "home screen" or "". */
export function offer() {
  if (!publicKey || subscription) return "";
  if (!hasPush) return isPhoneWithoutApp ? "home screen" : "";
  return Notification.permission === "denied" ? "" : "button";
}

/** Ask for permission, and subscribe. Call it directly in the tap; return whether it succeeded. */
export async function turnOn() {
  const permission = Notification.requestPermission();
  return inTurn(async () => {
    if ((await permission) !== "granted") return false;
    registration = await navigator.serviceWorker.register(policy ? policy.createScriptURL("sw.js") : "sw.js");
    await isActive(registration);
    subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
    return true;
  });
}

/** Note the customer's orders for the worker, and let each one that waits carry the subscription. */
export const watch = (orders) =>
  inTurn(async () => {
    if (!subscription) return;
    await writeNote(orders.filter(isOpen));
    for (const order of orders.filter(({ status }) => WAITING.includes(status))) {
      if (sent.has(keyText(order))) continue;
      const isAccepted = await api.subscribeTo(keyOf(order), subscription.endpoint).catch(() => false);
      if (isAccepted) sent.add(keyText(order));
    }
  });

/** An order was placed or replaced, and so no longer carries the subscription. */
export const replaced = (order) => sent.delete(keyText(order));

/** Let the worker announce what a hidden page has found by polling. */
export const announce = () => inTurn(() => subscription && registration.active?.postMessage("news"));

/** End the subscription of a customer who signs out. */
export const turnOff = () =>
  inTurn(async () => {
    sent.clear();
    if (!subscription) return;
    await caches.delete(CACHE).catch(() => {});
    await subscription.unsubscribe().catch(() => {});
    subscription = null;
  });

async function writeNote(orders) {
  const cache = await caches.open(CACHE);
  const { told = [] } = (await (await cache.match(NOTE))?.json()) ?? {};
  const watched = orders.map((order) => ({ ...keyOf(order), shopName: shopInfo(order.vendorid)?.name }));
  await cache.put(NOTE, Response.json({ orders: watched, told }));
}

/** Wait until a worker runs. `navigator.serviceWorker.ready` never resolves outside its scope. */
function isActive({ active, installing, waiting }) {
  const worker = active ?? installing ?? waiting;
  if (worker.state === "activated") return null;
  return new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
}

function workerUrl(url) {
  if (url !== "sw.js") throw new TypeError(`${url} is not the page's worker`);
  return url;
}
