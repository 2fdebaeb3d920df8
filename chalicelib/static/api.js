// The order service's routes. Every call returns its result, or throws RequestError with the
// service's message, Unreachable, NotTheService, or SignedOut if the user has signed out meanwhile.

import { NotTheService, RequestError, send, setServerTime } from "./network.js";
import { keyOf } from "./order.js";
import { session } from "./session.js";

const MAX_ATTEMPTS = 3; // for requests that are safe to repeat
const MAX_WAIT = 3; // seconds, even if Retry-After is longer
const PAGE = 100; // orders in a page of a list, the most that the service allows
const MAX_PAGES = 20; // of a queue

/** Return the headers of a request that changes an order only as it is on the screen. */
export const ifMatch = ({ version }) => ({ "If-Match": `"${version}"` });

/** Place an order under a precondition, `ifMatch` or `If-None-Match: *`; return it. */
export const placeOrder = async (order, headers) =>
  (await request("POST", "order", { body: { order }, headers, retry: true, field: "order" })).content.order;

/** Cancel an order as it is on the screen. */
export const cancelOrder = (order) => changeOrder("DELETE", keyOf(order), { headers: ifMatch(order) });

/** Let a push service's endpoint learn when an order is ready. */
export const subscribeTo = (key, endpoint) =>
  request("PUT", "order/push", { query: keyOf(key), body: { endpoint }, retry: true, field: "order" });

/** Change an order's status if it still has this version. The request is sent even if the page closes. */
export const setStatus = (key, status, version) =>
  changeOrder("PATCH", key, { body: { status }, headers: { "If-Match": `"${version}"` }, keepalive: true });

/** Return the customer's orders, newest first: { orders, cursor }. */
export const myOrders = async (cursor) =>
  (await request("GET", "orders", { query: { cursor }, retry: true, field: "orders" })).content;

/** Return a shop's open orders, oldest first: { orders, isComplete }. */
export async function shopQueue(vendorid) {
  const orders = [];
  let cursor;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await shopOrders({ vendorid, limit: PAGE, cursor });
    orders.push(...answer.orders);
    ({ cursor } = answer);
    if (!cursor) break;
  }
  return { orders, isComplete: !cursor };
}

/** Return a shop's latest collected orders. */
export const collectedOrders = async (vendorid) => (await shopOrders({ vendorid, status: "collected", limit: PAGE })).orders;

const shopOrders = async (query) => (await request("GET", "orders", { query, retry: true, field: "orders" })).content;

/** Return the order of a key, or null. */
export async function findOrder(key) {
  const { status, content } = await find("order", keyOf(key), "order");
  return status === 404 ? null : content.order;
}

/** Return { shop, tag }, or null if the shop has published no menu. */
export async function findShop(vendorid) {
  const { status, content, headers } = await find("shop", { vendorid }, "shop");
  return status === 404 ? null : { shop: content.shop, tag: headers.get("ETag") };
}

/** Publish a menu in place of the one with this tag, or as the first one; return { shop, tag }. */
export async function publishShop(vendorid, shop, tag) {
  const headers = tag ? { "If-Match": tag } : { "If-None-Match": "*" };
  const answer = await request("PUT", "shop", { query: { vendorid }, body: { shop }, headers, field: "shop" });
  return { shop: answer.content.shop, tag: answer.headers.get("ETag") };
}

/** Change `open`, `note` or `soldout` of the shop with this tag; return { shop, tag }. */
export async function changeShop(vendorid, changes, tag) {
  const headers = { "If-Match": tag };
  const answer = await request("PATCH", "shop", { query: { vendorid }, body: changes, headers, field: "shop" });
  return { shop: answer.content.shop, tag: answer.headers.get("ETag") };
}

const find = (path, query, field) => request("GET", path, { query, field, retry: true, token: false, allow404: true });

async function changeOrder(method, key, options) {
  return (await request(method, "order", { query: key, field: "order", ...options })).content.order;
}

/** Send as the user who is signed in now, not as one who signs in meanwhile. */
async function request(method, path, options) {
  const { query = {}, body, headers = {}, field, retry = false, token = true, allow404 = false, keepalive = false } = options;
  const login = session.login;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(url(path, query), {
      method,
      headers: {
        ...headers,
        ...(token && { Authorization: await session.idToken(login) }),
        ...(body && { "Content-Type": "application/json" }),
      },
      body: body && JSON.stringify(body),
      keepalive,
    });
    if (token) session.requireCurrent(login);
    const { status, headers: received, content } = answer;
    requireField(field, answer);
    setServerTime(received.get("Date"));
    if (status < 300 || (allow404 && status === 404)) return answer;
    if (status === 401) session.expireToken(login);
    const busy = status === 429 || status === 503;
    if ((busy && retry && attempt < MAX_ATTEMPTS) || (status === 401 && token && attempt === 1)) {
      await pause(busy ? retrySeconds(received.get("Retry-After")) : 0);
      continue;
    }
    throw new RequestError(status, content?.Code, errorText(status, content));
  }
}

/** Throw NotTheService if a successful response lacks its field. */
function requireField(field, { status, content }) {
  if (status < 300 && Object(content[field]) !== content[field]) throw new NotTheService();
}

const retrySeconds = (retryAfter) => Math.min(Number(retryAfter) || 1, MAX_WAIT);

export const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Return the address of a path of the service, whatever prefix the page's own address has. */
export function url(path, query) {
  const full = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) full.searchParams.set(name, value);
  }
  return full;
}

function errorText(status, content) {
  if (status === 401) return "The service does not accept your sign-in. Sign out, and in again.";
  if (status === 429 || status === 503) return "The shop’s system is busy. Nothing is lost: try again in a moment.";
  if (status === 412) return `${content.Message}. Nothing was done: look at it, then tap again.`;
  return content?.Message ?? "The service has a problem. Nothing is lost: try again in a moment.";
}

const INTERVAL = 5_000; // ms
const HIDDEN_INTERVAL = 30_000; // ms, in a hidden tab
const MAX_INTERVAL = 30_000; // ms, while the service is busy

/** Polls while there is something to wait for. */
export class Poll {
  #fetchAnswer;
  #show;
  #fail;
  #hidden;
  #timer = null;
  #interval;
  #delay = INTERVAL;
  #turn = 0; // only the response to the latest request is used
  #running = false;
  #isAwake;
  #lock = null;

  /**
   * `fetchAnswer` gets the answer, `show` or `fail` takes it or the error, and returns whether to
   * continue. With `hidden` it continues in a hidden tab, less often. With `isAwake` the screen stays
   * on meanwhile. `interval()` returns the time between two requests, in ms.
   */
  constructor(fetchAnswer, show, fail, { hidden = false, isAwake = false, interval = () => INTERVAL } = {}) {
    this.#fetchAnswer = fetchAnswer;
    this.#show = show;
    this.#fail = fail;
    this.#hidden = hidden;
    this.#interval = interval;
    this.#isAwake = isAwake;
    document.addEventListener("visibilitychange", () => {
      if (!this.#running) return;
      if (document.hidden) this.#schedule();
      else this.now();
    });
    window.addEventListener("online", () => this.#running && this.now());
  }

  /** Poll now, and from now on. */
  now() {
    this.#running = true;
    if (this.#isAwake) this.#lockScreen();
    this.#delay = this.#interval();
    return this.#poll();
  }

  /** Ignore pending answers, which are older than what is shown; poll soon. */
  later() {
    this.#running = true;
    this.#delay = this.#interval();
    this.#turn += 1;
    this.#schedule();
  }

  stop() {
    this.#running = false;
    this.#lock?.release();
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  /** A browser ends the lock when the tab is hidden, and may deny it on low power. */
  async #lockScreen() {
    if (document.hidden) return;
    const lock = await navigator.wakeLock?.request("screen").catch(() => null);
    this.#lock?.release();
    this.#lock = lock;
    if (!this.#running) lock?.release();
  }

  async #poll() {
    clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    try {
      const answer = await this.#fetchAnswer();
      if (turn !== this.#turn) return;
      this.#running = this.#show(answer);
      this.#delay = this.#interval();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#delay = error.status >= 429 ? Math.min(this.#delay * 2, MAX_INTERVAL) : this.#interval();
      this.#running = this.#fail(error);
    }
    if (this.#running) this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (document.hidden && !this.#hidden) return;
    this.#timer = setTimeout(() => this.#poll(), document.hidden ? HIDDEN_INTERVAL : this.#delay);
  }
}
