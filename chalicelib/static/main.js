// Puts the page together: which part is open, who is signed in, how the network is.

import * as account from "./account.js";
import { byId } from "./dom.js";
import * as lookup from "./lookup.js";
import { weather } from "./network.js";
import * as orderForm from "./order-form.js";
import * as orders from "./orders.js";
import * as queue from "./queue.js";
import { session } from "./session.js";

const PARTS = ["order", "shop", "look-up"];

function show() {
  const [wanted, query] = location.hash.slice(1).split("?");
  if (wanted === "main") return; // the skip link
  const isStaff = session.vendors.length > 0;
  const part = PARTS.includes(wanted) && (wanted !== "shop" || isStaff) ? wanted : "order";
  for (const each of PARTS) byId(each).hidden = each !== part;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${part}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("to-shop").hidden = !isStaff;
  byId("who").hidden = !session.username;
  byId("username").textContent = session.username ?? "";
  byId("account").hidden = Boolean(session.username);
  byId("customer").hidden = !session.username;
  if (part === "order" && session.username) orders.open();
  else orders.close();
  if (part === "shop") queue.open();
  else queue.close();
  if (part === "look-up") lookup.open(query);
}

function signedInOrOut({ detail: why }) {
  if (!session.username) {
    orders.forget(Boolean(why));
    queue.forget();
    account.say(why);
  }
  show();
  if (session.username) byId("order-coffeetype").focus();
  else byId("sign-in-username").focus();
}

function sayNetwork(words) {
  byId("network").textContent = navigator.onLine ? words : "You are offline. What you type is kept.";
}

account.start();
orderForm.start();
orders.start();
queue.start();
lookup.start();
session.addEventListener("change", signedInOrOut);
byId("sign-out").addEventListener("click", () => session.signOut());
window.addEventListener("hashchange", show);
window.addEventListener("online", () => sayNetwork(""));
window.addEventListener("offline", () => sayNetwork(""));
weather.addEventListener("slow", () => sayNetwork("The network is slow. Still waiting for an answer …"));
weather.addEventListener("steady", () => sayNetwork(""));
sayNetwork("");
show();
