// The staff's taps. Each shows at once, can be undone for a few seconds, and is then sent. Without
// a connection, steps wait.

import * as api from "./api.js";
import { Unreachable } from "./network.js";
import { isLater, keyOf, sameKey } from "./order.js";
import { SignedOut } from "./session.js";

const UNDO = 4_000; // ms in which a tap can be undone
const AGAIN = 800; // ms in which another tap is taken for a bounce of the finger
const RETRY = 5_000; // ms
const LAG = 15_000; // ms that a list may lag behind a step

let steps = []; // { before, order, state: waiting | sending | late | done, timer, tries }
let lastTap = -Infinity;
let notifyChange = () => {};
let notify = () => {};

/** `onChange()` is called after every change, `onNews(order, words)` if a step failed. */
export function start(onChange, onNews) {
  notifyChange = onChange;
  notify = onNews;
  window.addEventListener("online", () => steps.filter((step) => step.state === "late").forEach(send));
  window.addEventListener("pagehide", () => sendAll(true));
  document.addEventListener("visibilitychange", () => document.hidden && sendAll(true));
}

/** Change an order's status; return whether the tap counts. */
export function take(before, status) {
  if (performance.now() - lastTap < AGAIN) return false;
  lastTap = performance.now();
  waitingOf(before).forEach(send);
  const step = { before, order: { ...before, status, since: new Date().toISOString() }, state: "waiting", tries: 0 };
  step.timer = setTimeout(() => send(step), UNDO);
  steps.push(step);
  notifyChange();
  return true;
}

/** The steps that can still be undone, latest first. */
export const undoable = () => steps.filter(({ state }) => state === "waiting").reverse();

/** How many steps wait for the connection. */
export const late = () => steps.filter(({ state }) => state === "late").length;

export function undo(step) {
  if (step.state === "waiting") drop(step);
}

/** Send the steps that can still be undone; with `keepalive` even if the page closes. */
export const sendAll = (keepalive = false) => Promise.all(undoable().reverse().map((step) => send(step, keepalive)));

/** Return a shop's orders after all steps. */
export function applied(orders) {
  return orders.map((order) => steps.reduce((now, step) => (sameKey(step.order, now) && isLater(step.order, now) ? step.order : now), order));
}

/** Forget all steps after a sign-out. */
export function forget() {
  steps.forEach(({ timer }) => clearTimeout(timer));
  steps = [];
}

const waitingOf = (order) => steps.filter((step) => step.state === "waiting" && sameKey(step.order, order));

async function send(step, keepalive = false) {
  if (!steps.includes(step) || !["waiting", "late"].includes(step.state)) return;
  clearTimeout(step.timer);
  step.state = "sending";
  notifyChange();
  const earlier = steps.slice(0, steps.indexOf(step)).filter((each) => sameKey(each.order, step.order));
  if (!keepalive) await Promise.all(earlier.map((each) => each.sent));
  step.sent = request(step, keepalive);
  await step.sent;
  notifyChange();
}

async function request(step, keepalive) {
  step.tries += 1;
  try {
    settle(step, await api.moveOn(keyOf(step.order), step.order.status, keepalive));
  } catch (error) {
    if (error instanceof SignedOut) return drop(step);
    const isBusy = error.status === 429 || error.status >= 500;
    if (error.status === 409) return lookAgain(step);
    if (!isBusy && !(error instanceof Unreachable)) {
      drop(step);
      return notify(step.order, error.message);
    }
    step.state = "late";
    step.timer = setTimeout(() => send(step), RETRY);
  }
}

/** Find out the status of an order that another client has changed. */
async function lookAgain(step) {
  const now = await api.findOrder(keyOf(step.order)).catch(() => null);
  const isSame = now?.orderdate === step.order.orderdate;
  // After a lost answer, a step that seems to be a colleague's is this one.
  const isDone = isSame && (now.status === step.order.status || (isLater(now, step.order) && now.status !== "cancelled"));
  if (isSame && isLater(now, step.before)) settle(step, now);
  else drop(step);
  if (!(isDone && (step.tries > 1 || step.order.status === "collected"))) notify(step.order, wordsFor(now, isSame));
}

function wordsFor(now, isSame) {
  if (!isSame) return "This order is not there any more.";
  const words = {
    preparing: "A colleague has started this.",
    ready: "A colleague has finished this.",
    collected: "This has been collected.",
    cancelled: "This was cancelled.",
  };
  return words[now.status] ?? "This has not changed: try again.";
}

/** Show the answer until no list can be older. */
function settle(step, order) {
  Object.assign(step, { order, state: "done" });
  setTimeout(() => drop(step), LAG);
}

function drop(step) {
  clearTimeout(step.timer);
  steps = steps.filter((each) => each !== step);
  notifyChange();
}
