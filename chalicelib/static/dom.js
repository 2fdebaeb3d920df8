// Elements from values. A value becomes text, never HTML.

export const byId = (id) => document.getElementById(id);

/** Make an element: `element("p", { class: "hint" }, "text", otherElement)`. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** Make a button that does something; while it does, it can't be pressed again. */
export function button(label, attributes, press) {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", () => busy(made, press));
  return made;
}

/** Do a task while a button shows that it is being done. */
export async function busy(pressed, task) {
  if (pressed.getAttribute("aria-disabled") === "true") return;
  pressed.setAttribute("aria-disabled", "true"); // `disabled` would lose the keyboard's place
  try {
    await task();
  } finally {
    pressed.removeAttribute("aria-disabled");
  }
}

/** Say something to who listens to the page instead of looking at it. */
export function announce(text) {
  byId("news").textContent = text;
}
