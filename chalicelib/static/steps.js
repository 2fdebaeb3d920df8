// The staff's taps. Each shows at once, can be undone for a few seconds, and is then sent. Without
// a connection, steps wait.

import * as api from "./api.js";
import { Unreachable } from "./network.js";
import { isLater, keyOf, sameKey } from "./order.js";
import { SignedOut } from "./session.js";

const UNDO_TIME = 4_000; // ms in which a tap can be undone
const DOUBLE_TAP_TIME = 800; // ms in which a second tap is ignored
const RETRY_DELAY = 5_000; // ms
const LIST_DELAY = 15_000; // ms that a list may lag behind a step

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
export function changeStatus(before, status) {
  if (performance.now() - lastTap < DOUBLE_TAP_TIME) return false;
  lastTap = performance.now();
  waitingOf(before).forEach(send);
  const step = { before, order: { ...before, status, since: new Date().toISOString() }, state: "waiting", tries: 0 };
  step.timer = setTimeout(() => send(step), UNDO_TIME);
  steps.push(step);
  notifyChange();
  return true;
}

/** The steps that can still be undone, latest first. */
export const undoable = () => steps.filter(({ state }) => state === "waiting").reverse();

/** How many steps wait for the connection. */
export const countLate = () => steps.filter(({ state }) => state === "late").length;

export function undo(step) {
  if (step.state === "waiting") drop(step);
}

/** Send the steps that can still be undone; with `keepalive` even if the page closes. */
export const sendAll = (keepalive = false) => Promise.all(undoable().reverse().map((step) => send(step, keepalive)));

/** Return a shop's orders after all steps. */
export function applied(orders) {
  return orders.map((order) => steps.reduce((current, step) => (sameKey(step.order, current) && isLater(step.order, current) ? step.order : current), order));
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
    settle(step, await api.setStatus(keyOf(step.order), step.order.status, keepalive));
  } catch (error) {
    if (error instanceof SignedOut) return drop(step);
    const isBusy = error.status === 429 || error.status >= 500;
    if (error.status === 409) return lookAgain(step);
    if (!isBusy && !(error instanceof Unreachable)) {
      drop(step);
      return notify(step.order, error.message);
    }
    step.state = "late";
    step.timer = setTimeout(() => send(step), RETRY_DELAY);
  }
}

/** Find out the status of an order that another client has changed. */
async function lookAgain(step) {
  const currentOrder = await api.findOrder(keyOf(step.order)).catch(() => null);
  const isSame = currentOrder?.orderdate === step.order.orderdate;
  // If a response was lost, the change may be this step's own.
  const isDone = isSame && (currentOrder.status === step.order.status || (isLater(currentOrder, step.order) && currentOrder.status !== "cancelled"));
  if (isSame && isLater(currentOrder, step.before)) settle(step, currentOrder);
  else drop(step);
  if (!(isDone && (step.tries > 1 || step.order.status === "collected"))) notify(step.order, wordsFor(currentOrder, isSame));
}

function wordsFor(currentOrder, isSame) {
  if (!isSame) return "This order is not there any more.";
  const words = {
    preparing: "A colleague has started this.",
    ready: "A colleague has finished this.",
    collected: "This has been collected.",
    cancelled: "This was cancelled.",
  };
  return words[currentOrder.status] ?? "This has not changed: try again.";
}

/** Show the answer until no list can be older. */
function settle(step, order) {
  Object.assign(step, { order, state: "done" });
  setTimeout(() => drop(step), LIST_DELAY);
}

function drop(step) {
  clearTimeout(step.timer);
  steps = steps.filter((each) => each !== step);
  notifyChange();
}
