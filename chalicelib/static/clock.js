// The server's time, and ages by it: this device's clock may be wrong.

let offset = 0; // ms that the server is ahead

/** Read the time from the Date header of an answer. */
export function setFrom(header) {
  const time = Date.parse(header ?? "");
  // The header has whole seconds, so smaller differences mean nothing.
  if (time) offset = Math.abs(time - Date.now()) < 1500 ? 0 : time - Date.now();
}

/** Return the whole minutes for which an order has had its status. */
export function minutesSince(since) {
  const time = Date.parse(since?.replace(/(\.\d{3})\d+/, "$1"));
  return time ? Math.max(0, Math.floor((Date.now() + offset - time) / 60_000)) : 0;
}

/** Return the time of day, such as "08:12". */
export const timeOfDay = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
