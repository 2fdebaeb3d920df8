// Numbers: read as people type them, calculated without binary fractions, written in a currency.

const DECIMALS = 4; // what a price may have

/** Write all digits as 0 to 9, also those of a full-width, Arabic or Persian keypad. */
export function plainDigits(text) {
  return text.normalize("NFKC").replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));
}

/**
 * Write a price with a decimal point: many keypads have only a comma. A comma before exactly
 * three digits may separate thousands, so it stays, and the service rejects it.
 */
export function plainPrice(text) {
  const digits = plainDigits(text).replace("٫", ".").replace(/\s/g, "");
  return digits.replace(/^(\d*),(\d{1,2}|\d{4})$/, "$1.$2").replace(/^\./, "0.");
}

/** Return the price of some cups: `totalPrice("4.50", "2")` is "9.00". */
export function totalPrice(unitprice, quantity) {
  const [whole, fraction = ""] = unitprice.split(".");
  const units = String(Number(whole + fraction.padEnd(DECIMALS, "0")) * Number(quantity));
  const digits = units.padStart(DECIMALS + 1, "0");
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS).replace(/0{1,2}$/, "")}`;
}

/** Write an amount in a currency (ISO 4217) in the browser's language; without a currency, as it is. */
export function priceText(amount, currency) {
  try {
    const style = { style: "currency", currency, maximumFractionDigits: DECIMALS };
    return new Intl.NumberFormat([], style).format(amount);
  } catch {
    return [amount, currency].filter(Boolean).join(" ");
  }
}
