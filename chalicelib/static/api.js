// The order service's routes. Every call returns what was asked for, or throws Refused with the
// service's own words, Unreachable, NotTheService, or SignedOut when nobody waits any more.

import { NotTheService, Refused, send } from "./network.js";
import { session } from "./session.js";

const TRIES = 3; // of what may be sent again without harm
const LONGEST_WAIT = 3; // s; whoever waits for longer should be told

/** Place an order; return { order, isNew }. It is not new where one of the same key was there. */
export async function placeOrder(order) {
  const { status, content } = await ask("POST", "order", { body: { order }, again: true, field: "order" });
  return { order: content.order, isNew: status === 201 };
}

export const cancelOrder = (key) => changeOrder("DELETE", key);

export const moveOn = (key, status) => changeOrder("PATCH", key, { status });

/** One's own orders, newest first: { orders, cursor }. */
export const myOrders = async (cursor) =>
  (await ask("GET", "orders", { query: { cursor }, again: true, field: "orders" })).content;

/** What a shop has to do, oldest first: { orders, cursor }. */
export const shopQueue = async (vendorid) =>
  (await ask("GET", "orders", { query: { vendorid, limit: 100 }, again: true, field: "orders" })).content;

/** Return the order of a key as anybody sees it, or null. */
export async function findOrder(key) {
  const request = { query: key, again: true, field: "order", token: false, missing: true };
  const { status, content } = await ask("GET", "order", request);
  return status === 404 ? null : content.order;
}

/** Ask for an order without a token; return { status, headers, content } whatever it is. */
export async function lookUp(key) {
  const answer = await send(url("order", key), { method: "GET" });
  mustHave("order", answer);
  return answer;
}

async function changeOrder(method, key, body) {
  return (await ask(method, "order", { query: key, body, field: "order" })).content.order;
}

/** Send as whoever is signed in now, and never as somebody who signs in meanwhile. */
async function ask(method, path, { query = {}, body, again = false, field, token = true, missing = false }) {
  const login = session.login;
  for (let tries = 1; ; tries += 1) {
    const answer = await send(url(path, query), {
      method,
      headers: {
        ...(token && { Authorization: await session.idToken(login) }),
        ...(body && { "Content-Type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    session.mustBe(login);
    const { status, headers, content } = answer;
    mustHave(field, answer);
    if (status < 300 || (missing && status === 404)) return answer;
    if (status === 401) session.distrust(login);
    const busy = status === 429 || status === 503;
    if ((busy && again && tries < TRIES) || (status === 401 && tries === 1)) {
      await pause(busy ? wait(headers.get("Retry-After")) : 0);
      continue;
    }
    throw new Refused(status, content?.Code, words(status, content));
  }
}

/** What a success must bring along; other JSON is not from this service. */
function mustHave(field, { status, content }) {
  if (status < 300 && Object(content[field]) !== content[field]) throw new NotTheService();
}

const wait = (retryAfter) => Math.min(Math.max(Number(retryAfter) || 1, 0), LONGEST_WAIT);

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

function url(path, query) {
  const full = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) full.searchParams.set(name, value);
  }
  return full;
}

function words(status, content) {
  if (status === 401) return "The service does not accept your sign-in. Sign out, and in again.";
  if (status === 429 || status === 503) return "The shop’s system is busy. Nothing is lost: try again in a moment.";
  return content?.Message ?? "The service has a problem. Nothing is lost: try again in a moment.";
}
