// Converts numbers that people type to the service's format.

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
