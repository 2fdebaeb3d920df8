// One HTTP request. It returns the response, or throws an error with a message for the user. The
// responses also tell the server's time: this device's clock may be wrong.
// Emits on `networkEvents`: "slow" while a request takes longer than usual, "steady" when none does,
// and "reached" after a response.

import { early } from "./start.js";

const SLOW = 3_000; // ms
const GIVE_UP = 30_000; // ms; API Gateway itself gives up after 29 s

export const OFFLINE = "You are offline. Nothing you typed is lost: try again once you are back.";
export const networkEvents = new EventTarget();

let slowRequests = 0; // the number of requests that are slow now
let clockOffset = 0; // ms that the server's clock is ahead

/** Return the server's time, in ms. */
export const serverNow = () => Date.now() + clockOffset;

/** Read the server's time from the Date header of its response. */
export function setServerTime(header) {
  const time = Date.parse(header ?? "");
  // The header has whole seconds, so smaller differences mean nothing.
  if (time) clockOffset = Math.abs(time - Date.now()) < 1500 ? 0 : time - Date.now();
}

/** The service rejected the request. */
export class RequestError extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

/** There was no response. The request may have arrived. */
export class Unreachable extends Error {}

/** The response is not from the service, but for example from the sign-in page of a train's Wi-Fi. */
export class NotTheService extends Unreachable {
  constructor() {
    super(
      "Something other than the service answered. This Wi-Fi may want you to sign in to it first. What you typed is kept.",
    );
  }
}

/**
 * Send a request; return { status, headers, content }, whatever the status is.
 * `content` is the response's JSON object, or null for a failure without one. Throws Unreachable,
 * and NotTheService for any other response that is not a JSON object.
 */
export async function send(url, options) {
  let isLate = false;
  const slow = setTimeout(() => {
    isLate = true;
    slowRequests += 1;
    networkEvents.dispatchEvent(new Event("slow"));
  }, SLOW);
  const end = new AbortController();
  const giveUp = setTimeout(() => end.abort(), GIVE_UP);
  let response, text;
  try {
    const settings = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: end.signal };
    const earlyResponse = early.get(url.href);
    early.delete(url.href);
    response = (await earlyResponse) ?? (await fetch(url, { ...options, ...settings }));
    text = await response.text();
  } catch {
    throw new Unreachable(messageFor(end.signal.aborted));
  } finally {
    clearTimeout(slow);
    clearTimeout(giveUp);
    if (isLate) slowRequests -= 1;
    if (slowRequests === 0) networkEvents.dispatchEvent(new Event("steady"));
  }
  const content = jsonObject(text);
  if (!content && (response.status < 500 || response.status === 511)) throw new NotTheService();
  networkEvents.dispatchEvent(new Event("reached"));
  return { status: response.status, headers: response.headers, content };
}

function jsonObject(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function messageFor(timedOut) {
  if (!navigator.onLine) return OFFLINE;
  if (timedOut) return "No answer came. Nothing you typed is lost: try again.";
  return "The service can’t be reached. Nothing you typed is lost: try again in a moment.";
}
