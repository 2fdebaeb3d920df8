// A shop and a customer, with the clients of openapi-typescript and of openapi-generator.
// The arguments are the API's URL and a vendor; the tokens are in the environment.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./openapi.js";
import { Configuration, OrdersApi, ResponseError, ShopsApi, Status } from "./typescript-fetch/index.js";

const [baseUrl, vendorid] = process.argv.slice(2) as [string, string];
const token = (name: string) => process.env[name] ?? "";
const bearer = (name: string) => ({ headers: { Authorization: `Bearer ${token(name)}` } });

const customer = createClient<paths>({ baseUrl, ...bearer("CUSTOMER_TOKEN") });
const staff = createClient<paths>({ baseUrl, ...bearer("STAFF_TOKEN") });
const shop = { name: "Harbour Coffee", currency: "EUR", menu: [{ coffeetype: "Mocha", sizes: [{ coffeesize: "Small", unitprice: "4.50" }] }] };
const query = { vendorid };

const published = await staff.PUT("/shop", { params: { query }, body: { shop } });
assert.equal(published.response.status, 201);
const found = await customer.GET("/shop", { params: { query } });
const price: string | undefined = found.data?.shop.menu[0]?.sizes[0]?.unitprice;
assert.equal(price, "4.50");

for (const accountid of ["a", "b", "c"]) {
  const order = { accountid, vendorid, details: { coffeetype: "Mocha", coffeesize: "Small", quantity: 2 } };
  const { data } = await customer.POST("/order", { body: { order } });
  const details = data?.order.details;
  assert.deepEqual([details?.unitprice, details?.quantity], ["4.50", "2"]);
}

let pages = 0;
let cursor: string | undefined;
do {
  const { data } = await customer.GET("/orders", { params: { query: { limit: 2, cursor } } });
  cursor = data?.cursor;
  pages += 1;
} while (cursor !== undefined);
assert.equal(pages, 2);

const { error } = await customer.PATCH("/shop", { params: { query }, body: { open: false } });
assert.ok(error && "Code" in error && error.Code === "ForbiddenError");

// openapi-generator's typescript-fetch.
const customerOrders = new OrdersApi(new Configuration({ basePath: baseUrl, accessToken: token("CUSTOMER_TOKEN") }));
const staffOrders = new OrdersApi(new Configuration({ basePath: baseUrl, accessToken: token("STAFF_TOKEN") }));
const shops = new ShopsApi(new Configuration({ basePath: baseUrl, accessToken: token("STAFF_TOKEN") }));
const { order } = await customerOrders.getOrder({ accountid: "a", vendorid });
const since: Date = order.since;
assert.ok(since.getTime() > 0);
const step = { accountid: "a", vendorid, statusUpdateRequest: { status: Status.Preparing }, ifMatch: `"${order.version}"` };
assert.equal((await staffOrders.patchOrder(step)).order.status, "preparing");
const refused = await staffOrders.patchOrder(step).catch((reason: unknown) => reason);
assert.ok(refused instanceof ResponseError && refused.response.status === 412);
const soldOut = await shops.patchShop({ vendorid, shopChanges: { soldout: { Mocha: true } } });
assert.equal(soldOut.shop.menu[0]?.soldout, true);
const waiting: number | undefined = (await shops.getShop({ vendorid })).shop.waiting;
assert.ok(waiting !== undefined);
