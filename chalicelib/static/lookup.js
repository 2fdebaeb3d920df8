// Looking up an order: its card, the answer as JSON, and the route of the request. The two ids are
// in the address, so that a look-up can be shared; a token never is.

import { lookUp } from "./api.js";
import { card } from "./cards.js";
import { byId } from "./dom.js";
import { clearErrors, onSubmit, show as showFault } from "./forms.js";
import { drawRoute } from "./route.js";
import { drawTree, foldAll } from "./tree.js";

const form = byId("look-up-form");

let turn = 0;

onSubmit(form, showResult);
byId("unfold").addEventListener("click", () => foldAll(byId("tree"), false));
byId("fold").addEventListener("click", () => foldAll(byId("tree"), true));

/** Look up the order in the address, if there is one. */
export function open(ids) {
  if (!ids.has("accountid")) return;
  for (const name of ["accountid", "vendorid"]) form.elements[name].value = ids.get(name) ?? "";
  // The form may still be waiting for the answer to an earlier address.
  clearErrors(form);
  showResult({ accountid: form.elements.accountid.value, vendorid: form.elements.vendorid.value }).catch((error) => showFault(form, error));
}

export function close() {
  turn += 1;
}

async function showResult(key) {
  history.replaceState(null, "", `${location.pathname}#look-up?${new URLSearchParams(key)}`);
  const thisTurn = (turn += 1);
  const started = performance.now();
  const answer = await lookUp(key).catch((error) => ({ status: null, error }));
  if (thisTurn !== turn) return;
  const ms = Math.round(performance.now() - started);
  byId("look-up-result").hidden = false;
  drawRoute(answer, ms);
  const { status, content } = answer;
  byId("look-up-order").replaceChildren(...(status === 200 ? [card(content.order)] : []));
  byId("answer").hidden = !content;
  byId("tree").replaceChildren(...(content ? [drawTree(content)] : []));
  if (answer.error) throw answer.error;
  if (status === 404) throw new Error("There is no order under these two ids.");
  if (status >= 400) throw new Error(content?.Message ?? "The service has a problem. Try again.");
}
