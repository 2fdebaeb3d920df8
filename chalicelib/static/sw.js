// The page's service worker: it shows a push as a notification. A push has no content, so the worker
// looks up the orders that the page has noted. It answers no requests, and caches no responses.

const CACHE = "coffee-orders";
const ORDERS = "orders"; // [{ accountid, vendorid, shopName }], which the page notes
const TOLD = "told"; // the versions of orders that were announced
const NEWS = {
  ready: ({ details }, shopName) => `Your ${details.coffeetype} is ready at ${shopName}`,
  cancelled: ({ details }, shopName) => `Your ${details.coffeetype} at ${shopName} is cancelled`,
};

let turn = Promise.resolve(); // one announcement at a time, so that none is made twice

const inTurn = (step) => (turn = turn.then(step, step));

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("push", (event) => event.waitUntil(inTurn(() => announce({ always: true }))));
// A hidden page that finds news by polling sends a message.
self.addEventListener("message", (event) => event.waitUntil(inTurn(() => announce({ always: false }))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(showPage(event.notification.data));
});

/** Notify of news that the customer was not told. With `always` there is a notification in any case. */
async function announce({ always }) {
  const cache = await caches.open(CACHE);
  const read = async (name) => (await (await cache.match(name))?.json()) ?? [];
  const told = await read(TOLD);
  const found = await Promise.all((await read(ORDERS)).map(lookUp));
  const orders = found.filter((order) => order && NEWS[order.status]);
  const news = orders.filter(({ version }) => !told.includes(version));
  for (const order of news) await notify(order);
  // Browsers take the subscription of a page away that shows nothing for a push.
  if (always && !news.length) await (orders.length ? notify(orders[0], true) : notifyOfChange());
  await cache.put(TOLD, Response.json([...news.map(({ version }) => version), ...told].slice(0, 50)));
  for (const page of await pages()) page.postMessage("news");
}

/** Return the present state of a noted order, with its shop's name; null if it can't be had. */
async function lookUp({ accountid, vendorid, shopName }) {
  const query = new URLSearchParams({ accountid, vendorid });
  try {
    const response = await fetch(new URL(`order?${query}`, self.registration.scope));
    return response.ok ? { ...(await response.json()).order, shopName } : null;
  } catch {
    return null;
  }
}

function notify(order, silent = false) {
  const { accountid, vendorid, shopName } = order;
  return self.registration.showNotification(NEWS[order.status](order, shopName ?? vendorid), {
    body: `for ${accountid}`,
    tag: `${accountid}\n${vendorid}`,
    data: { accountid, vendorid },
    silent,
    renotify: !silent, // a notification that replaces an earlier one would make no sound
  });
}

const notifyOfChange = () => self.registration.showNotification("Your order has changed", { tag: "change" });

/** Focus the page, or open it at the order of a notification. */
async function showPage(key) {
  const [page] = await pages();
  if (page) return page.focus();
  const address = key ? `#news?${new URLSearchParams(key)}` : "#order";
  return self.clients.openWindow(new URL(address, self.registration.scope));
}

/** Return the open pages of the service; one at /prod is outside the scope /prod/. */
async function pages() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.filter(({ url }) => url.startsWith(self.registration.scope.slice(0, -1)));
}
