// The staff's taps. Each is sent at once, on condition that the order is still the one on the screen.
// It stays in storage until it was answered, so that it is sent again if the network was lost, the
// page was left or the sign-in ended.

import * as api from "./api.js";
import { serverNow, Unreachable } from "./network.js";
import { isAtLeast, isLater, isOpen, keyOf, keyText, orderText, sameKey, statusText } from "./order.js";
import { deviceStore, session, SignedOut } from "./session.js";

const KEY = "coffee-orders.steps";
const RETRY_DELAY = 5_000; // ms
const LIST_DELAY = 15_000; // ms that a list may lag behind an answer

// A step is { id, username, before, status, version, since, tries }: `before` is the order that was
// on the screen. `version` is null until an earlier step of the same order was answered.
const lateSteps = new Set(); // the ids of steps that got no answer
const answers = new Map(); // orders as the service returned them, by their keys: { order, at }
let retryTimer = null;
let notifyChange = () => {};
let notify = () => {};

/** `onChange()` is called after every change, `onNews(order, words)` if a step failed. */
export function start(onChange, onNews) {
  notifyChange = onChange;
  notify = onNews;
}

window.addEventListener("online", sendAll);
window.addEventListener("storage", ({ key }) => key === KEY && notifyChange()); // another tab's step

/** Send what is still stored, in its order. Other users' steps wait for their next sign-in. */
export function sendAll() {
  return Promise.all(ownSteps().map(send));
}

/** Change the status of an order that is on the screen. */
export function changeStatus(before, status) {
  const isFirst = !stepsOf(before).length;
  const since = new Date(serverNow()).toISOString();
  const id = String(Math.random()); // distinguishes steps; not secret
  const step = { id, username: session.username, before, status, since, tries: 0, version: isFirst ? before.version : null };
  store([...storedSteps(), step]);
  notifyChange();
  send(step);
}

/** Take the last step of an order back: by another step, unless it was not sent yet. */
export function undo(before, status) {
  const [last] = stepsOf(before).reverse();
  if (last?.tries === 0 && last.status === status) {
    remove(last);
    notifyChange();
  } else changeStatus(last ? { ...before, status } : answers.get(keyText(before)).order, before.status);
}

/** Return a shop's open orders after all steps; `isWaiting` marks those whose step got no answer. */
export function withSteps(orders) {
  const known = orders.map((order) => {
    const answer = answers.get(keyText(order))?.order;
    return answer && isLater(answer, order) ? answer : order;
  });
  const isMissing = ({ order, at }) => isOpen(order) && performance.now() - at < LIST_DELAY && !known.some((each) => sameKey(each, order));
  const putBack = [...answers.values()].filter(isMissing).map(({ order }) => order);
  return [...putBack, ...known].map((order) => {
    const steps = stepsOf(order);
    if (!steps.length) return order;
    const [{ status, since }] = [...steps].reverse();
    return { ...order, status, since, isWaiting: steps.some(({ id }) => lateSteps.has(id)) };
  });
}

/** Forget the answers after a sign-out. */
export function forget() {
  answers.clear();
  clearTimeout(retryTimer);
}

const storedSteps = () => [deviceStore.read(KEY)].flat().filter((step) => step?.id && step.before);
const ownSteps = () => storedSteps().filter(({ username }) => username === session.username);
const stepsOf = (order) => ownSteps().filter(({ before }) => sameKey(before, order));
const store = (steps) => deviceStore.write(KEY, steps);
const update = (id, changes) => store(storedSteps().map((each) => (each.id === id ? { ...each, ...changes } : each)));

function remove(...steps) {
  const ids = steps.map(({ id }) => id);
  ids.forEach((id) => lateSteps.delete(id));
  store(storedSteps().filter(({ id }) => !ids.includes(id)));
}

/** Send a step after the earlier ones of its order, also those of other tabs. */
async function send({ id, before }) {
  const attempt = () => sendNow(ownSteps().find((step) => step.id === id));
  await (navigator.locks ? navigator.locks.request(`${KEY} ${keyText(before)}`, attempt) : attempt());
  notifyChange();
}

async function sendNow(step) {
  if (!step) return; // it was answered or taken back meanwhile
  if (step.version === null) return retryLater(step); // an earlier step got no answer
  update(step.id, { tries: step.tries + 1 });
  try {
    settle(step, await api.setStatus(keyOf(step.before), step.status, step.version));
  } catch (error) {
    if (error instanceof SignedOut || error.status === 401) return; // sent after the next sign-in
    if (isTemporary(error)) retryLater(step);
    else await lookAgain(step, error);
  }
}

const isTemporary = (error) => error instanceof Unreachable || error.status === 429 || error.status >= 500;

function retryLater({ id }) {
  lateSteps.add(id);
  clearTimeout(retryTimer);
  retryTimer = setTimeout(sendAll, RETRY_DELAY);
}

/** Keep the answer until no list can be older, and let the order's next step be sent. */
function settle(step, order) {
  answers.set(keyText(order), { order, at: performance.now() });
  remove(step);
  const [next] = stepsOf(order);
  if (next) update(next.id, { version: order.version });
}

/** Find out what became of an order that another client has changed, and drop its steps. */
async function lookAgain(step, error) {
  const { before, status, tries } = step;
  let order;
  try {
    order = await api.findOrder(keyOf(before));
  } catch {
    return retryLater(step);
  }
  // If an answer was lost, the change may be this step's own.
  const isSame = order && contentOf(order) === contentOf(before);
  const isOwn = tries > 0 && isSame && isAtLeast(order.status, status) && order.status !== "cancelled";
  if (isOwn && order.status === status) return settle(step, order);
  if (order) answers.set(keyText(order), { order, at: performance.now() });
  remove(...stepsOf(before));
  if (!isOwn) notify(before, reasonText(order, isSame, error));
}

/** Return what the customer has ordered, and when. */
const contentOf = ({ orderdate, details }) => JSON.stringify([orderdate, details]);

/** Return why a step was not done. */
function reasonText(order, isSame, error) {
  if (error.status === 403) return error.message;
  if (!order) return "This order is not there any more.";
  if (!isSame) return `The order is now ${orderText(order)}. Nothing was done: look at it, then tap again.`;
  return `It is ${statusText(order).toLowerCase()} by now.`;
}
