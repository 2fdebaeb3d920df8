// The tab's title: how the open order stands, then the part of the page.

let part = "";
let status = "";

export function setPart(title) {
  part = title;
  write();
}

export function setStatus(text) {
  status = text;
  write();
}

function write() {
  const title = [status, part, "Coffee orders"].filter(Boolean).join(" · ");
  if (document.title !== title) document.title = title;
}
