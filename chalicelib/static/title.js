// The tab's title: the status of the open order, then the part of the page.

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
