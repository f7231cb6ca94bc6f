/** `1 revision`, `2 revisions`, `10,000 revisions`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${thousands(number)} ${number === 1 ? one : many}`
}

const withCommas = new Intl.NumberFormat('en-US')

/** `10,000`. */
export function thousands(number: number): string {
  return withCommas.format(number)
}

/** A number of at most four digits: `860`, `14.2k`, `3.1M`. */
export function short(number: number): string {
  const [divisor, unit] = number >= 999_500_000 ? [1e9, 'B'] : number >= 999_500 ? [1e6, 'M'] : [1e3, 'k']
  if (number < 10_000) return thousands(Math.round(number))
  const value = number / divisor
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '')}${unit}`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** A size, in powers of 1000 as databases and disks are sold: `12.4 GB`. */
export function bytes(size: number): string {
  let value = size
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const text = unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '')
  return `${text} ${units[unit] ?? ''}`
}

/** `12 ms`, `1.4 s`, `41 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1) return '< 1 ms'
  if (ms < 999.5) return `${ms.toFixed(0)} ms`
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${String(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60)
    return seconds % 60 === 0 ? `${String(minutes)} min` : `${String(minutes)} min ${String(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${String(hours)} h` : `${String(hours)} h ${String(minutes % 60)} min`
}

/** A clock that counts up: `0:07`, `12:40`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(seconds % 60)}` : `${String(minutes)}:${two(seconds % 60)}`
}

/** The first characters of an id, which are enough to tell it from others. */
export function shortId(revision: string): string {
  return revision.slice(0, 8)
}

/** The last part of a path: `shop.db` of `/var/lib/shop.db`. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

/** With the first letter in upper case, as messages of the server begin in lower case; a name at the start stays as it is. */
export function sentence(text: string): string {
  return /^[a-z]+(?![\w.-])/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function list(items: readonly string[], most = 3): string {
  if (items.length <= 1) return items[0] ?? ''
  if (items.length <= most) return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
  return `${items.slice(0, most - 1).join(', ')} and ${String(items.length - most + 1)} more`
}
