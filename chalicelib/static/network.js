// One HTTP request, with an end: an answer, or an error with words for a person.
// Emits "slow" on `weather` when somebody waits for longer than usual, "steady" when nobody does.

const SLOW = 3_000; // ms
const GIVE_UP = 30_000; // ms; API Gateway itself gives up after 29 s

export const weather = new EventTarget();

let late = 0; // how many requests are slow just now

/** The other side answered, and said no. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

/** There was no answer. Whether the request arrived is not known. */
export class Unreachable extends Error {}

/**
 * Send a request; return { status, headers, content }, whatever the status is.
 * `content` is the answer's JSON, or null where it has none. Throws Unreachable.
 */
export async function send(url, options) {
  let isLate = false;
  const slow = setTimeout(() => {
    isLate = true;
    late += 1;
    weather.dispatchEvent(new Event("slow"));
  }, SLOW);
  try {
    const response = await fetch(url, {
      ...options,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(GIVE_UP),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, content: read(text) };
  } catch (error) {
    throw new Unreachable(why(error));
  } finally {
    clearTimeout(slow);
    if (isLate) late -= 1;
    if (late === 0) weather.dispatchEvent(new Event("steady"));
  }
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function why(error) {
  if (!navigator.onLine) return "You are offline. Nothing you typed is lost: try again once you are back.";
  if (error.name === "TimeoutError") return "No answer came. Nothing you typed is lost: try again.";
  return "The service can’t be reached. Nothing you typed is lost: try again in a moment.";
}
