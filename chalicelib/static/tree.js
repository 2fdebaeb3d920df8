// Readable JSON: every object and array can be folded, by mouse and keyboard.

import { element } from "./dom.js";

const OPEN_LEVELS = 2;

/** Draw any JSON value. */
export function drawTree(value, key = null, depth = 0) {
  const label = key === null ? [] : [element("span", { class: "key" }, String(key)), ": "];
  if (value === null || typeof value !== "object") {
    const kind = typeof value === "string" ? "string" : "other";
    return element("div", {}, ...label, element("span", { class: kind }, JSON.stringify(value)));
  }
  const [start, end] = Array.isArray(value) ? "[]" : "{}";
  const children = Object.entries(value);
  if (!children.length) return element("div", {}, ...label, `${start}${end}`);
  const size = element("span", { class: "size" }, `${start}${children.length}${end}`);
  const inside = children.map(([name, child]) => drawTree(child, name, depth + 1));
  return element(
    "details",
    depth < OPEN_LEVELS ? { open: "" } : {},
    element("summary", {}, ...label, size),
    element("div", {}, ...inside),
  );
}

/** Fold or unfold everything. */
export function foldAll(tree, folded) {
  for (const branch of tree.querySelectorAll("details")) branch.open = !folded;
}
