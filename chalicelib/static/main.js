// The page: which part is open, who is signed in, and the state of the network.

import * as account from "./account.js";
import * as customer from "./customer.js";
import { byId, onPress, setText, setTitle } from "./dom.js";
import { networkEvents } from "./network.js";
import { addressOf } from "./order.js";
import { session, tabStore } from "./session.js";
import { sayIncomplete } from "./start.js";

const RETURN = "coffee-orders.return"; // the address to go back to after signing in

// The parts of the page. Modules that few users need are loaded when needed.
const PARTS = {
  order: { load: () => customer },
  queue: { load: () => import("./queue.js"), title: "Queue", forStaff: true },
  menu: { load: () => import("./menu-editor.js"), title: "Menu", forStaff: true },
  board: { load: () => import("./board.js"), title: "Board", forStaff: true },
  "look-up": { load: () => import("./lookup.js"), title: "Look up an order" },
  "sign-in": { load: () => account, title: "Sign in" },
};

let openModule = null; // the module of the part that is open
let turn = 0;
let owner = session.username; // whose input the page has, also while their sign-in has expired

/** Show the part in the address. */
async function show() {
  const [partName, query] = location.hash.slice(1).split("?");
  const params = new URLSearchParams(query);
  const name = partFor(partName, params);
  if (!name) return;
  const part = PARTS[name];
  const thisTurn = (turn += 1);
  const module = await Promise.resolve(part.load()).catch(() => null);
  if (thisTurn !== turn) return;
  if (!module) return sayIncomplete();
  if (openModule && openModule !== module) openModule.close();
  drawFrame(name);
  setTitle({ part: part.title ?? "" });
  const isNavigation = openModule !== null;
  openModule = module;
  if (isNavigation) byId(`${name}-title`).focus({ preventScroll: true });
  if (isNavigation && window.scrollY) window.scrollTo(0, 0);
  module.open(params);
}

/** Return the part to show; null after going to another address. */
function partFor(partName, params) {
  const staffOf = session.vendors;
  setText(byId("notice"), "");
  const home = staffOf.length ? addressOf(staffOf[0], "queue") : "#order";
  if (partName === "news") return goTo(session.username ? addressOf(params.get("vendorid")) : `#look-up?${params}`);
  if (partName === "sign-in" && session.username) return goTo(tabStore.read(RETURN) || home);
  if (partName !== "sign-in") tabStore.write(RETURN, location.hash);
  if (!Object.hasOwn(PARTS, partName)) return staffOf.length ? goTo(home) : "order";
  if (!PARTS[partName].forStaff) return partName;
  if (!session.username) return "sign-in";
  const vendorid = params.get("shop");
  if (vendorid === null && staffOf.length) return goTo(addressOf(staffOf[0], partName));
  if (staffOf.includes(vendorid)) return partName;
  setText(byId("notice"), "This part is for the shop’s staff.");
  return "order";
}

function goTo(address) {
  location.replace(address);
  return null;
}

function drawFrame(name) {
  document.body.dataset.part = name;
  for (const each of Object.keys(PARTS)) byId(each).hidden = each !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if ("staff" in link.dataset) link.hidden = !session.vendors.length;
  }
  byId("to-sign-in").hidden = Boolean(session.username);
  byId("who").hidden = !session.username;
  setText(byId("username"), session.username ?? "");
}

function signedInOrOut({ detail: reason }) {
  const { username } = session;
  if (owner && owner !== username) {
    for (const module of new Set([customer, openModule])) module?.forget?.(Boolean(reason));
  }
  if (username || !reason) owner = username;
  if (!username) account.say(reason);
  if (reason) location.hash = "#sign-in";
  show();
}

function sayNetwork(words) {
  setText(byId("network"), navigator.onLine ? words : "You are offline. What you type is kept.");
}

account.start();
customer.start();
session.addEventListener("change", signedInOrOut);
onPress("sign-out", () => session.signOut());
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address stays
  byId("main").focus();
});
window.addEventListener("hashchange", show);
for (const change of ["online", "offline"]) window.addEventListener(change, () => sayNetwork(""));
networkEvents.addEventListener("slow", () => sayNetwork("The network is slow. Still waiting for an answer …"));
networkEvents.addEventListener("steady", () => sayNetwork(""));
sayNetwork("");
show();
