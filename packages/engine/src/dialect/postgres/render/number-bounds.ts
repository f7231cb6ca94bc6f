/** The least and the greatest value of each integer type. */
export const integerBounds: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
}

/** https://www.postgresql.org/docs/current/datatype-money.html */
const moneyBounds = ['-92233720368547758.08', '92233720368547758.07'] as const

/** The least and the greatest amount, other than zero, that a cast to the type does not refuse. */
const floatBounds: Readonly<Record<string, readonly [string, string]>> = {
  real: ['1e-45', '3.4028235e38'],
  'double precision': ['5e-324', '1.7976931348623157e308'],
}

/** The condition, after a value, that it is not outside of the bounds. */
export function between([low, high]: readonly [string, string]): string {
  return `BETWEEN ${low} AND ${high}`
}

/** The condition that a numeric value fits `numeric(precision, scale)` without being rounded. */
export function fitsDigits(value: string, precision: number, scale: number): string {
  return `${value} = round(${value}, ${String(scale)}) AND abs(${value}) < ${powerOfTen(precision - scale)}`
}

/** The condition that a numeric value is an amount of money without being rounded. */
export function fitsMoney(value: string): string {
  return `${value} = round(${value}, 2) AND ${value} ${between(moneyBounds)}`
}

/**
 * The condition that a number fits `real` or `double precision`. A cast of a number out of range is an error, so the bounds
 * are tested before it.
 *
 * @param same whether the number is the same after the cast
 */
export function fitsFloat(value: string, base: string, same: string): string {
  const bounds = floatBounds[base] ?? ['0', '0']
  return `CASE WHEN ${value} = 0 THEN true WHEN abs(${value}) ${between(bounds)} THEN ${same} ELSE ${value} IS NULL END`
}

function powerOfTen(digits: number): string {
  return digits >= 0 ? `1${'0'.repeat(digits)}` : `1e${String(digits)}`
}
