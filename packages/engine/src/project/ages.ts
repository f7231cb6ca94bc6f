/** Milliseconds of each unit. */
const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** How old backups may be: `12h`, `30d`, `8w`. */
export const backupAge = /^(\d{1,5})\s?([hdw])$/

/** How long dropped things are kept: `30m`, `12h`, `30d`, `8w`. */
export const keptAge = /^(\d{1,6})\s*(m|h|d|w)$/

/**
 * Milliseconds of an age; undefined if the text does not have the form.
 *
 * @example
 * ageIn('30d', backupAge) // 2592000000
 */
export function ageIn(text: string, form: RegExp): number | undefined {
  const [, count, unit = ''] = form.exec(text) ?? []
  const factor = units[unit]
  return count === undefined || factor === undefined ? undefined : Number(count) * factor
}
