// Web Push: a notification when an order is ready, also on a locked phone. The order carries the
// address of this browser's push subscription; the worker in sw.js shows the notification.

import * as api from "./api.js";
import { announce as say, byId, onPress, setText } from "./dom.js";
import { isOpen, keyOf, keyText, shopInfo } from "./order.js";
import { deviceStore } from "./session.js";

const CACHE = "coffee-orders";
const ORDERS = "orders"; // sw.js reads it
const KEY = "coffee-orders.push-key"; // the service's key for which this browser subscribed
const WAITING = ["placed", "preparing"];
const publicKey = document.querySelector("meta[name=push-key]").content;
const hasPush = Boolean(publicKey) && "serviceWorker" in navigator && "PushManager" in window;
const needsHomeScreen = "standalone" in navigator && !navigator.standalone; // Safari on iPhone and iPad

// The worker is the only script whose address a policy allows.
const policy = window.trustedTypes?.createPolicy("service-worker", { createScriptURL: () => "sw.js" });
const subscribed = new Map(); // the version that each order had when it was subscribed, by its key
let orders = [];
let registration = null;
let subscription = null;
let onNews = () => {};
let steps = Promise.resolve();

/** Run one step after the other: signing out must not meet a subscription that is being made. */
const inTurn = (step) => (steps = steps.then(step, step));

inTurn(async () => {
  if (!hasPush) return;
  navigator.serviceWorker.addEventListener("message", () => onNews());
  registration = (await navigator.serviceWorker.getRegistration(document.baseURI)) ?? null;
  subscription = (await registration?.pushManager.getSubscription()) ?? null;
  // A subscription for an earlier key of the service gets no pushes.
  if (subscription && deviceStore.read(KEY) !== publicKey) await unsubscribe();
});
onPress("turn-on-push", turnOn);

/** Whether this browser is told of news. */
export const isOn = () => Boolean(subscription);

/** Send news of these open orders to this browser, or offer it. `pollNow()` is called when news came. */
export const follow = (newOrders, pollNow) =>
  inTurn(() => {
    orders = newOrders;
    onNews = pollNow;
    drawOffer();
    return subscribeOrders().catch(() => {}); // again with the next list
  });

/** Let the worker announce what a hidden page has found by polling. */
export const announce = () => inTurn(() => subscription && registration.active?.postMessage("news"));

/** End the subscription of a customer who signs out. */
export const turnOff = () =>
  inTurn(async () => {
    orders = [];
    subscribed.clear();
    drawOffer();
    if (!subscription) return;
    await caches.delete(CACHE).catch(() => {});
    await unsubscribe();
  });

/** Ask for permission within the tap, as browsers require, and subscribe. */
async function turnOn() {
  const permission = Notification.requestPermission();
  await inTurn(async () => {
    if ((await permission) !== "granted") return drawOffer();
    registration = await navigator.serviceWorker.register(policy?.createScriptURL("") ?? "sw.js");
    await activation(registration);
    subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
    deviceStore.write(KEY, publicKey);
    await subscribeOrders();
    drawOffer();
    say("You are told when your coffee is ready.");
  }).catch(() => setText(byId("push-words"), "This browser can’t be told now. Keep this page open."));
}

function drawOffer() {
  const isPossible = hasPush && Notification.permission !== "denied";
  const isOffered = Boolean(publicKey) && orders.some(isOpen) && !subscription && (isPossible || (!hasPush && needsHomeScreen));
  byId("push").hidden = !isOffered;
  byId("turn-on-push").hidden = !isPossible;
  setText(byId("push-words"), isPossible ? "" : "To be told when it is ready, open this page from your home screen.");
}

/** Note the open orders for the worker, and let each one that waits carry the subscription. */
async function subscribeOrders() {
  if (!subscription) return;
  const cache = await caches.open(CACHE);
  const noted = orders.map((order) => ({ ...keyOf(order), shopName: shopInfo(order.vendorid).name }));
  await cache.put(ORDERS, Response.json(noted));
  for (const order of orders.filter(({ status }) => WAITING.includes(status))) {
    // An order that replaces another carries no subscription, also if it is the same again.
    if (subscribed.get(keyText(order)) === order.version) continue;
    await api.subscribeTo(order, subscription.endpoint);
    subscribed.set(keyText(order), order.version);
  }
}

async function unsubscribe() {
  await subscription.unsubscribe().catch(() => {});
  subscription = null;
}

/** Return when a worker runs. `navigator.serviceWorker.ready` never resolves outside its scope. */
async function activation({ active, installing, waiting }) {
  const worker = active ?? installing ?? waiting;
  if (worker.state === "activated") return;
  await new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
}
