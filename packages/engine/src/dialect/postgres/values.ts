import { isDate } from 'node:util/types'

import { serverNumber } from '../server-number'
import type { ValueRole } from '../roles/values'
import { text } from './literal'
import { quote } from './names'

/** Types that the driver reads as their text, or as it should be: bytes. */
const asDriver = /^(?:boolean|smallint|integer|bigint|real|double precision|bytea|numeric(?:\(.*\))?)$/

/** Rows of PostgreSQL. Whatever the driver would not read alike everywhere (dates, times, enums, arrays) is read as its text. */
export const values: ValueRole = {
  parameter(column, value, placeholder) {
    const isJson = column !== undefined && /^jsonb?$/.test(column.type)
    if (value === null || value === undefined) return { sql: placeholder, value: null }
    if (isJson) return { sql: placeholder, value: JSON.stringify(value) }
    if (isDate(value) && column !== undefined && !column.type.endsWith('with time zone'))
      // The driver would send the time of this machine's time zone.
      return { sql: placeholder, value: value.toISOString() }
    return { sql: placeholder, value: typeof value === 'bigint' ? String(value) : value }
  },

  selected: ({ type }, quoted) => {
    if (type.endsWith('[]')) return `CAST(${quoted} AS text[])`
    return asDriver.test(type) ? quoted : `CAST(${quoted} AS text)`
  },

  value: ({ type }, raw) => decode(type.replace(/(?:\[\])+$/, ''), raw),

  async numbered(database, table, columns) {
    const name = [table.schema, table.name].flatMap((part) => (part === undefined ? [] : [quote(part)])).join('.')
    for (const column of columns) {
      if (column.serial === undefined && column.identity === undefined) continue
      const sequence = `pg_get_serial_sequence(${text(name)}, ${text(column.name)})`
      await database.query(
        `SELECT setval(${sequence}, max(${quote(column.name)})) FROM ${name} HAVING max(${quote(column.name)}) > 0`,
      )
    }
  },
}

function decode(type: string, raw: unknown): unknown {
  if (Array.isArray(raw)) return raw.map((element: unknown) => decode(type, element))
  if (typeof raw !== 'string') return raw
  if (type === 'boolean') return raw === 'true' || raw === 't'
  if (/^(?:smallint|integer|bigint|real|double precision|numeric)/.test(type)) return serverNumber(raw)
  if (/^jsonb?$/.test(type)) return JSON.parse(raw) as unknown
  if (type.startsWith('timestamp')) return moment(raw)
  return raw
}

/** `2024-02-29 12:00:00.5+02`; without a zone, of UTC. Others (`infinity`, before the common era) remain texts. */
function moment(raw: string): Date | string {
  const [, day, time, zone = 'Z'] =
    /^(\d{4,6}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d)?)?$/.exec(raw) ?? []
  if (day === undefined || time === undefined) return raw
  const found = new Date(`${day}T${time}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`)
  return Number.isNaN(found.getTime()) ? raw : found
}
