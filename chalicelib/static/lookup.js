// Looking up an order. The two ids are in the address, so that a look-up can be shared; a token
// never is.

import { findOrder } from "./api.js";
import { byId, clearErrors, onSubmit, showFault } from "./dom.js";
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
  const result = await findOrder(key).catch((error) => error);
  if (thisTurn !== turn) return;
  const isFound = result && !(result instanceof Error);
  byId("look-up-order").replaceChildren(...(isFound ? [cardElement(result)] : []));
  if (!isFound) throw result ?? new Error("There is no order under these two ids.");
}
