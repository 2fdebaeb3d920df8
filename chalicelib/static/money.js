// Amounts of money, computed in whole numbers, because binary fractions would round them.

const DECIMALS = 4; // what a price may have

/** Return the price of some cups: `total("4.50", "2")` is "9.00". */
export function total(unitprice, quantity) {
  const [whole, fraction = ""] = unitprice.split(".");
  const units = String(Number(whole + fraction.padEnd(DECIMALS, "0")) * Number(quantity));
  const digits = units.padStart(DECIMALS + 1, "0");
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS).replace(/0{1,2}$/, "")}`;
}

/** Write an amount in a currency (ISO 4217) in the browser's language; without a currency, as it is. */
export function inCurrency(amount, currency) {
  try {
    const style = { style: "currency", currency, maximumFractionDigits: DECIMALS };
    return new Intl.NumberFormat([], style).format(amount);
  } catch {
    return [amount, currency].filter(Boolean).join(" ");
  }
}
