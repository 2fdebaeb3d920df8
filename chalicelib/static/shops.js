// Shops: the addresses of their parts of the page, and those that this device ordered from.

import { element } from "./dom.js";
import { session } from "./session.js";
import { deviceStore } from "./storage.js";

const KEY = "coffee-orders.shops";
const MAX_SHOPS = 5;

/** Return the shops, latest first: [{ vendorid, name, currency }]. */
export function recent() {
  const shops = deviceStore.read(KEY);
  return Array.isArray(shops) ? shops.filter((shop) => typeof shop?.vendorid === "string") : [];
}

/** Return what is known about a shop: { name, currency }, or {}. */
export const shopInfo = (vendorid) => recent().find((shop) => shop.vendorid === vendorid) ?? {};

export function remember({ vendorid, name, currency }) {
  const others = recent().filter((shop) => shop.vendorid !== vendorid);
  deviceStore.write(KEY, [{ vendorid, name, currency }, ...others].slice(0, MAX_SHOPS));
}

export const forget = () => deviceStore.remove(KEY);

/** Return the address of a part of the page for a shop. */
export const addressOf = (vendorid, part = "order") => `#${part}?${new URLSearchParams({ shop: vendorid })}`;

/** Show links to the same part of the page for the other shops of the staff. */
export function drawShopLinks(section, part, vendorid) {
  const others = session.vendors.filter((each) => each !== vendorid);
  section.querySelector(".shops").replaceChildren(...others.map((each) => element("a", { class: "chip", href: addressOf(each, part) }, each)));
}
