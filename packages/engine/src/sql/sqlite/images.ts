import { fold } from './tokens'

/**
 * Where the rows of a table that existed before the plan are now: in the table itself, and in tables to which the plan
 * has copied them.
 */

/** A table that existed before the plan, with its name then. */
export interface Origin {
  readonly key: string
  readonly name: string
}

/**
 * The rows of `origin` in some table, with their values in some of its columns. A half is copied only where foreign keys
 * are enforced, or only where they are not (see `copy.ts`); both halves of the same time are all rows.
 */
export interface Image {
  readonly origin: Origin
  readonly part: Part
  /** Column of the table that has the image, folded, → column of the origin. */
  readonly columns: Map<string, string>
  /** It also holds all columns that no statement has named, because the columns of the origin are not known. */
  readonly rest: boolean
  /** Columns of the origin, folded, that are not among the rest. */
  readonly except: Set<string>
}

export type Part = 'whole' | `${'enforced' | 'unenforced'} ${number}`

/** The columns that an image, or two halves together, hold. */
interface Shelter {
  readonly rest: boolean
  readonly except: ReadonlySet<string>
  /** @param column of the origin */
  holds(column: string): boolean
  readonly isEmpty: boolean
}

/** The part of an image that is nowhere else. */
interface Missing {
  /** Columns by their names in the table that has the image. */
  readonly columns: readonly string[]
  /** Unknown columns are missing, too. */
  readonly rest: boolean
  /** Every column is missing. */
  readonly everything: boolean
}

export function copyImage(image: Image): Image {
  return { ...image, columns: new Map(image.columns), except: new Set(image.except) }
}

/** The column of the origin whose values a column of the table has. */
export function originOf(image: Image, column: string, isAdded: boolean): string | undefined {
  const known = image.columns.get(column)
  if (known !== undefined || !image.rest || isAdded || image.except.has(column)) return known
  return column
}

/** The image holds the column no longer. */
export function forget(image: Image, column: string, origin: string): void {
  image.columns.delete(column)
  image.except.add(fold(origin))
}

/** The columns missing from the shelter that holds most of the image; all of them if there is no shelter. */
export function missingFrom(image: Image, others: readonly Image[]): Missing {
  let best: Missing = { columns: [...image.columns.keys()], rest: image.rest, everything: true }
  for (const shelter of sheltersOf(image, others)) {
    const missing = missingIn(image, shelter)
    if (weight(missing) < weight(best)) best = missing
  }
  return best
}

function missingIn(image: Image, shelter: Shelter): Missing {
  const columns = [...image.columns].flatMap(([column, origin]) => (shelter.holds(origin) ? [] : [column]))
  const named = new Set([...image.columns.values()].map(fold))
  const others =
    image.rest && shelter.rest
      ? [...shelter.except].filter((column) => !image.except.has(column) && !named.has(column))
      : []
  const rest = image.rest && !shelter.rest
  const keeps = [...image.columns.values()].some((origin) => shelter.holds(origin)) || (image.rest && !shelter.isEmpty)
  return { columns: [...columns, ...others], rest, everything: !keeps }
}

function weight({ columns, rest, everything }: Missing): number {
  return everything ? Infinity : columns.length + (rest ? 1000 : 0)
}

function sheltersOf(image: Image, others: readonly Image[]): Shelter[] {
  const same = others.filter(({ origin }) => origin === image.origin)
  const alone = same.filter(({ part }) => part === 'whole' || part === image.part).map(shelterOf)
  if (image.part !== 'whole') return alone
  const pairs = same.flatMap((one) =>
    same
      .filter((other) => one.part.startsWith('enforced') && other.part === `un${one.part}`)
      .map((other) => both(shelterOf(one), shelterOf(other))),
  )
  return [...alone, ...pairs]
}

function shelterOf(image: Image): Shelter {
  const held = new Set([...image.columns.values()].map(fold))
  return {
    rest: image.rest,
    except: image.except,
    holds: (column) => held.has(fold(column)) || (image.rest && !image.except.has(fold(column))),
    isEmpty: held.size === 0 && !image.rest,
  }
}

function both(one: Shelter, other: Shelter): Shelter {
  return {
    rest: one.rest && other.rest,
    except: new Set([...one.except, ...other.except]),
    holds: (column) => one.holds(column) && other.holds(column),
    isEmpty: one.isEmpty || other.isEmpty,
  }
}
