// Looking up an order: its card, and the answer as JSON. The two ids are in the address, so
// that a look-up can be shared; a token never is.

import { lookUp } from "./api.js";
import { byId, clearErrors, onSubmit, setText, showFault } from "./dom.js";
import { cardElement } from "./order.js";

const form = byId("look-up-form");

let turn = 0;

onSubmit(form, showResult);

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
  const answer = await lookUp(key).catch((error) => ({ status: null, error }));
  if (thisTurn !== turn) return;
  byId("look-up-result").hidden = false;
  const { status, content } = answer;
  byId("look-up-order").replaceChildren(...(status === 200 ? [cardElement(content.order)] : []));
  byId("answer").hidden = !content;
  setText(byId("json"), JSON.stringify(content, null, 2));
  if (answer.error) throw answer.error;
  if (status === 404) throw new Error("There is no order under these two ids.");
  if (status >= 400) throw new Error(content?.Message ?? "The service has a problem. Try again.");
}
