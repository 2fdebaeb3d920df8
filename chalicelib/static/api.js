// The order service's routes. Every call returns what was asked for, or throws Refused with the
// service's own words, or Unreachable.

import { Refused, send } from "./network.js";
import { session } from "./session.js";

const TRIES = 3; // of what may be sent again without harm

export const placeOrder = (order) => ask("POST", "order", { body: { order }, again: true });

export const cancelOrder = (key) => ask("DELETE", "order", { query: key });

export const moveOn = (key, status) => ask("PATCH", "order", { query: key, body: { status } });

/** One's own orders, newest first: { orders, cursor }. */
export const myOrders = (cursor) => ask("GET", "orders", { query: { cursor }, again: true });

/** What a shop has to do, oldest first: { orders, cursor }. */
export const shopQueue = (vendorid) => ask("GET", "orders", { query: { vendorid, limit: 100 }, again: true });

/** Ask for an order without a token; return { status, headers, content } whatever it is. */
export const lookUp = (key) => send(url("order", key), { method: "GET" });

async function ask(method, path, { query = {}, body, again = false }) {
  for (let tries = 1; ; tries += 1) {
    const { status, headers, content } = await send(url(path, query), {
      method,
      headers: {
        Authorization: await session.idToken(),
        ...(body && { "Content-Type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    if (status < 300 && content) return content;
    if (status === 401) session.distrust();
    const busy = status === 429 || status === 503;
    if ((busy && again && tries < TRIES) || (status === 401 && tries === 1)) {
      await pause(busy ? Number(headers.get("Retry-After")) || 1 : 0);
      continue;
    }
    throw new Refused(status, content?.Code, words(status, content));
  }
}

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
