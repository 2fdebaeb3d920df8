// Numbers as people type them, and amounts of money. Amounts are computed in whole numbers:
// binary fractions would round them.

const DECIMALS = 4; // what a price may have

/** Write all digits as 0 to 9, also those of a full-width, Arabic or Persian keypad. */
export function plainDigits(text) {
  return text.normalize("NFKC").replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));
}

/**
 * Write a price with a decimal point: many keypads have only a comma. A comma before exactly
 * three digits may separate thousands, so it stays, and the service refuses it.
 */
export function plainPrice(text) {
  const digits = plainDigits(text).replace("٫", ".").replace(/\s/g, "");
  return digits.replace(/^(\d*),(\d{1,2}|\d{4})$/, "$1.$2").replace(/^\./, "0.");
}

/** Return the price of some cups: `total("4.50", "2")` is "9.00". */
export function total(unitprice, quantity) {
  const [whole, fraction = ""] = unitprice.split(".");
  const units = String(Number(whole + fraction.padEnd(DECIMALS, "0")) * Number(quantity));
  const digits = units.padStart(DECIMALS + 1, "0");
  const cents = digits.slice(-DECIMALS).replace(/0{1,2}$/, "");
  return `${digits.slice(0, -DECIMALS)}.${cents}`;
}
