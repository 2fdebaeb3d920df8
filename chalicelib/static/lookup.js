// Looking one order up: the answer as a tree, beside the way that the request took. The two ids
// stand in the address, so that a look-up can be sent to somebody; a token never does.

import { lookUp } from "./api.js";
import { byId } from "./dom.js";
import { onSubmit } from "./forms.js";
import { drawRoute } from "./route.js";
import { drawTree, foldAll } from "./tree.js";

const form = byId("look-up-form");

let turn = 0;

export function start() {
  onSubmit(form, ask);
  byId("unfold").addEventListener("click", () => foldAll(byId("tree"), false));
  byId("fold").addEventListener("click", () => foldAll(byId("tree"), true));
}

/** Look up what the address names, if it names something. */
export function open(query) {
  const ids = new URLSearchParams(query);
  if (!ids.has("accountid")) return;
  for (const name of ["accountid", "vendorid"]) form.elements[name].value = ids.get(name) ?? "";
  turn += 1; // an answer to an earlier address comes too late
  form.requestSubmit();
}

async function ask(key) {
  history.replaceState(null, "", `${location.pathname}#look-up?${new URLSearchParams(key)}`);
  const mine = (turn += 1);
  const started = performance.now();
  const answer = await lookUp(key).catch((error) => ({ status: null, error }));
  if (mine !== turn) return;
  const ms = Math.round(performance.now() - started);
  byId("found").hidden = false;
  drawRoute(answer, ms);
  byId("tree-actions").hidden = answer.content === undefined;
  if (answer.error) {
    byId("tree").replaceChildren();
    throw answer.error;
  }
  byId("tree").replaceChildren(drawTree(answer.content));
  if (answer.status === 404) throw new Error("There is no order under these two ids.");
  if (answer.status >= 400) throw new Error(answer.content?.Message ?? "The service has a problem. Try again.");
}
