// The route of a look-up: how far it got, and who answered.

import { byId, element } from "./dom.js";

const STATIONS = [
  ["Your browser", "asks without a token"],
  ["API Gateway", "no authorizer on this route: anybody may look"],
  ["Lambda", "app.py checks the two ids"],
  ["DynamoDB", "one strongly consistent GetItem"],
];

/** Draw the route of lookUp's answer, which took so many milliseconds. */
export function drawRoute({ status, content }, ms) {
  const last = lastStation(status, content);
  byId("route-caption").textContent =
    status === null ? `No answer in ${ms} ms` : `GET /order answered ${status} in ${ms} ms`;
  byId("route").replaceChildren(
    ...STATIONS.map(([name, text], at) =>
      element("li", { class: state(at, last, status) }, element("strong", {}, name), note(at, last, status, text)),
    ),
  );
}

/** Return the last station of a request: the service's own errors have a Code. */
function lastStation(status, content) {
  if (status === null) return 0;
  if (status === 200 || status === 404 || (content?.Code && (status === 429 || status === 503))) return 3;
  return content?.Code ? 2 : 1;
}

function state(at, last, status) {
  if (at > last) return "unreached";
  if (at < last) return "passed";
  return status === 200 || status === 404 ? "answered" : "failed";
}

function note(at, last, status, text) {
  if (at > last) return "not reached";
  if (at < last || status === 200) return text;
  if (status === null) return "got no answer";
  if (at === 3) return status === 404 ? "has no such order" : "could not be reached";
  return `rejected the request with ${status}`;
}
