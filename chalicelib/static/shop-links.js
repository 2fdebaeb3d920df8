// Links to the same part of the page for the other shops of the staff.

import { element } from "./dom.js";
import { session } from "./session.js";

export function drawShopLinks(section, part, vendorid) {
  const others = session.vendors.filter((each) => each !== vendorid);
  const address = (each) => `#${part}?${new URLSearchParams({ shop: each })}`;
  section.querySelector(".shops").replaceChildren(...others.map((each) => element("a", { class: "chip", href: address(each) }, each)));
}
