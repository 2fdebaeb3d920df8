// One HTTP request, which ends with an answer, or an error with a message for the user.
// Emits on `weather`: "slow" while a request takes longer than usual, "steady" when none does, and
// "reached" after an answer.

const SLOW = 3_000; // ms
const GIVE_UP = 30_000; // ms; API Gateway itself gives up after 29 s

export const weather = new EventTarget();

let late = 0; // how many requests are slow just now

/** The other side rejected the request. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

/** There was no answer. Whether the request arrived is not known. */
export class Unreachable extends Error {}

/** Something answered that is not the service, such as the sign-in page of a train's Wi-Fi. */
export class NotTheService extends Unreachable {
  constructor() {
    super(
      "Something other than the service answered. This Wi-Fi may want you to sign in to it first. Nothing you typed is lost: try again then.",
    );
  }
}

/**
 * Send a request; return { status, headers, content }, whatever the status is.
 * `content` is the answer's JSON object, or null for a failure without one. Throws Unreachable,
 * and NotTheService for any other answer that is not a JSON object.
 */
export async function send(url, options) {
  let isLate = false;
  const slow = setTimeout(() => {
    isLate = true;
    late += 1;
    weather.dispatchEvent(new Event("slow"));
  }, SLOW);
  const end = new AbortController();
  const giveUp = setTimeout(() => end.abort(), GIVE_UP);
  let response, text;
  try {
    response = await fetch(url, {
      ...options,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: end.signal,
    });
    text = await response.text();
  } catch {
    throw new Unreachable(why(end.signal.aborted));
  } finally {
    clearTimeout(slow);
    clearTimeout(giveUp);
    if (isLate) late -= 1;
    if (late === 0) weather.dispatchEvent(new Event("steady"));
  }
  const content = jsonObject(text);
  if (!content && (response.status < 500 || response.status === 511)) throw new NotTheService();
  weather.dispatchEvent(new Event("reached"));
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

function why(gaveUp) {
  if (!navigator.onLine) return "You are offline. Nothing you typed is lost: try again once you are back.";
  if (gaveUp) return "No answer came. Nothing you typed is lost: try again.";
  return "The service can’t be reached. Nothing you typed is lost: try again in a moment.";
}
