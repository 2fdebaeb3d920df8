// Looking up an order: its card, and the answer as readable JSON. The two ids are in the address, so
// that a look-up can be shared; a token never is.

import { lookUp } from "./api.js";
import { cardElement } from "./cards.js";
import { byId, clearErrors, element, onSubmit, showFault } from "./dom.js";

const OPEN_LEVELS = 2; // of the JSON
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
  const answer = await lookUp(key).catch((error) => ({ status: null, error }));
  if (thisTurn !== turn) return;
  byId("look-up-result").hidden = false;
  const { status, content } = answer;
  byId("look-up-order").replaceChildren(...(status === 200 ? [cardElement(content.order)] : []));
  byId("answer").hidden = !content;
  byId("tree").replaceChildren(...(content ? [treeElement(content)] : []));
  if (answer.error) throw answer.error;
  if (status === 404) throw new Error("There is no order under these two ids.");
  if (status >= 400) throw new Error(content?.Message ?? "The service has a problem. Try again.");
}

/** Create the tree of any JSON value: every object and array can be folded, by mouse and keyboard. */
function treeElement(value, key = null, depth = 0) {
  const label = key === null ? [] : [element("span", { class: "key" }, String(key)), ": "];
  if (value === null || typeof value !== "object") {
    const kind = typeof value === "string" ? "string" : "other";
    return element("div", {}, ...label, element("span", { class: kind }, JSON.stringify(value)));
  }
  const [start, end] = Array.isArray(value) ? "[]" : "{}";
  const children = Object.entries(value);
  if (!children.length) return element("div", {}, ...label, `${start}${end}`);
  const size = element("span", { class: "size" }, `${start}${children.length}${end}`);
  const inside = children.map(([name, child]) => treeElement(child, name, depth + 1));
  return element(
    "details",
    depth < OPEN_LEVELS ? { open: "" } : {},
    element("summary", {}, ...label, size),
    element("div", {}, ...inside),
  );
}

/** Fold or unfold everything. */
function foldAll(tree, folded) {
  for (const branch of tree.querySelectorAll("details")) branch.open = !folded;
}
