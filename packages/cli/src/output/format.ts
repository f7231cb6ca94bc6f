import path from 'node:path'

/** `7 ms`, `1.4 s`, `2 min 05 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${String(Math.floor(whole / 60))} min ${String(whole % 60).padStart(2, '0')} s`
}

/** `for 40 s`, `for 12 min`, `for 3 h 05 min`, `for 2 d 4 h`. */
export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return `for ${String(Math.floor(ms / 1000))} s`
  if (minutes < 60) return `for ${String(minutes)} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `for ${String(hours)} h ${String(minutes % 60).padStart(2, '0')} min`
  return `for ${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`
}

/** `512 B`, `16.0 KiB`, `3.2 MiB`. */
export function bytes(count: number): string {
  if (count < 1024) return `${String(count)} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = count
  let unit = -1
  do {
    value /= 1024
    unit++
  } while (value >= 1023.95 && unit < units.length - 1)
  return `${value.toFixed(1)} ${units[unit] ?? ''}`
}

/**
 * A whole number with separators, independent of the locale: `1,234,567`. `toLocaleString` would first load Unicode
 * tables, which takes 10 to 20 ms.
 */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `1 revision`, `2 revisions`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** `2025-11-22 08:40`, in UTC, so that it is the same for all users. */
export function dateTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

/** `a1b2c3d4e5f6, 9f8e7d6c5b4a`, or `base` for no ids. */
export function revisionIds(ids: readonly string[]): string {
  return ids.length === 0 ? 'base' : ids.join(', ')
}

/** The path relative to `cwd`, or the whole path if it is outside. */
export function shortPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file)
  return relative.startsWith('..') ? file : relative
}

/** The name of a database, or the short path of its file. */
export function databaseName(name: string, cwd: string): string {
  return path.isAbsolute(name) ? shortPath(name, cwd) : name
}

/**
 * A name or text from a database for a terminal, on one line: control characters, which could move the cursor or change colors, are
 * written as codes.
 */
export function printable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/gu, (character) => {
      return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
    })
}
