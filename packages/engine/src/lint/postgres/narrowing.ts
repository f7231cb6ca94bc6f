/** What a type cannot hold of the values of another one. */
export interface Narrowing {
  /** `values longer than 10 characters`, `the time of day`. */
  readonly what: string
  /** Whether a value that does not fit makes the statement fail; otherwise it is changed without an error. */
  readonly fails: boolean
  /** An explicit cast cuts it instead: https://www.postgresql.org/docs/current/datatype-character.html */
  readonly cuts?: true
}

/** Digits before the decimal point that an integer type can have. */
const digits: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 }

/** Types of numbers with a fraction: the decimal digits that they keep. */
const floats: Readonly<Record<string, number>> = { real: 6, 'double precision': 15 }

/**
 * What is lost by a change from one type to another, by the assignment casts of
 * https://www.postgresql.org/docs/current/datatype.html; undefined if every value fits, or if the types are of different kinds.
 *
 * @param from as `typeText` writes it
 */
export function narrowing(from: string, to: string): Narrowing | undefined {
  const [old, now] = [partsOf(from), partsOf(to)]
  if (old.dimensions !== now.dimensions) return undefined
  return text(old, now) ?? bits(old, now) ?? integers(old, now) ?? decimals(old, now) ?? times(old, now)
}

interface Parts {
  readonly name: string
  readonly numbers: readonly number[]
  readonly dimensions: string
}

function partsOf(type: string): Parts {
  const [, name = type, numbers, dimensions = ''] = /^(.*?)(?:\(([\d,]+)\))?((?:\[\])*)$/.exec(type) ?? []
  return { name, numbers: numbers?.split(',').map(Number) ?? [], dimensions }
}

/** The number of characters; undefined for a type that is no text. */
function lengthOf({ name, numbers: [length] }: Parts): number | undefined {
  if (name === 'text' || name === 'character varying') return length ?? Infinity
  return name === 'character' ? (length ?? 1) : undefined
}

function text(from: Parts, to: Parts): Narrowing | undefined {
  const [old, now] = [lengthOf(from), lengthOf(to)]
  if (old === undefined || now === undefined || old <= now) return undefined
  return {
    what: `values longer than ${String(now)} ${now === 1 ? 'character' : 'characters'}`,
    fails: true,
    cuts: true,
  }
}

function bits(from: Parts, to: Parts): Narrowing | undefined {
  if (from.name !== 'bit varying' || to.name !== 'bit varying') return undefined
  const [old = Infinity, now = Infinity] = [from.numbers[0], to.numbers[0]]
  return old <= now ? undefined : { what: `values longer than ${String(now)} bits`, fails: true, cuts: true }
}

function integers(from: Parts, to: Parts): Narrowing | undefined {
  const room = digits[to.name]
  if (room === undefined) return undefined
  const old = digits[from.name]
  if (old !== undefined)
    return old <= room ? undefined : { what: `values outside the range of ${to.name}`, fails: true }
  const hasFraction =
    from.name in floats || (from.name === 'numeric' && from.numbers[1] !== 0 && from.numbers.length !== 1)
  if (hasFraction) return { what: 'the digits after the decimal point', fails: false }
  const [precision = Infinity] = from.numbers
  return from.name === 'numeric' && precision >= room
    ? { what: `values outside the range of ${to.name}`, fails: true }
    : undefined
}

function decimals(from: Parts, to: Parts): Narrowing | undefined {
  const kept = floats[to.name]
  if (kept !== undefined) {
    const held = floats[from.name] ?? digits[from.name] ?? (from.name === 'numeric' ? (from.numbers[0] ?? Infinity) : 0)
    return held <= kept ? undefined : { what: `the digits after the first ${String(kept)}`, fails: false }
  }
  const [precision, scale = 0] = to.numbers
  if (to.name !== 'numeric' || precision === undefined) return undefined
  const whole = precision - scale
  const isNumber = from.name === 'numeric' || from.name in floats || from.name in digits
  if (!isNumber) return undefined
  const [oldPrecision, oldScale = 0] = from.numbers
  const old =
    digits[from.name] ?? (from.name in floats || oldPrecision === undefined ? Infinity : oldPrecision - oldScale)
  if (old > whole)
    return { what: `values with more than ${String(whole)} digits before the decimal point`, fails: true }
  const isExact = from.name in digits || (from.name === 'numeric' && oldPrecision !== undefined && oldScale <= scale)
  return isExact ? undefined : { what: `the digits after the first ${String(scale)} decimals`, fails: false }
}

function times(from: Parts, to: Parts): Narrowing | undefined {
  if (!from.name.startsWith('timestamp') && !from.name.startsWith('time')) return undefined
  if (from.name.startsWith('timestamp') && to.name === 'date') return { what: 'the time of day', fails: false }
  if (from.name.startsWith('timestamp') && /^time (?:with|without) /.test(to.name))
    return { what: 'the date', fails: false }
  const [old = 6, now = 6] = [from.numbers[0], to.numbers[0]]
  const isSameKind = from.name.startsWith('timestamp') === to.name.startsWith('timestamp') && to.name.startsWith('time')
  return isSameKind && now < old ? { what: 'fractions of a second', fails: false } : undefined
}
