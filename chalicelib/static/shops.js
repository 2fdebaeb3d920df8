// The shops of the orders on this device: names and currencies.

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
