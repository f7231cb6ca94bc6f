import { isDate } from 'node:util/types'

import { serverNumber } from '../server-number'
import type { ValueRole } from '../roles/values'

/** Whole numbers that a number of JavaScript holds exactly. */
const exact = String(Number.MAX_SAFE_INTEGER)

/** Rows of SQLite, whose columns hold values of any type: what the declared type promises is read if the value has it. */
export const values: ValueRole = {
  parameter(column, value, placeholder) {
    const type = column?.type ?? ''
    const as = (stored: unknown, sql = placeholder): { sql: string; value: unknown } => ({ sql, value: stored })
    if (value === null || value === undefined) return as(null)
    if (isJson(type)) return as(JSON.stringify(value))
    if (typeof value === 'boolean') return as(value ? 1 : 0)
    // Not every driver takes it.
    if (typeof value === 'bigint') return as(String(value), `CAST(${placeholder} AS INTEGER)`)
    if (isDate(value)) return as(dateText(type, value))
    if (typeof value === 'object' && !ArrayBuffer.isView(value)) return as(JSON.stringify(value))
    return as(value)
  },

  selected: (column, quoted) => {
    const isBinaryJson = column.type.startsWith('jsonb')
    const other = isBinaryJson ? `WHEN typeof(${quoted}) = 'blob' THEN json(${quoted}) ` : ''
    return `CASE ${other}WHEN typeof(${quoted}) = 'integer' AND ${quoted} NOT BETWEEN -${exact} AND ${exact} THEN CAST(${quoted} AS text) ELSE ${quoted} END`
  },

  value({ type }, raw) {
    if (type.startsWith('bool') && (raw === 0 || raw === 1)) return raw === 1
    if (typeof raw !== 'string') return raw
    if (type.includes('int')) return /^-?\d{16,19}$/.test(raw) ? serverNumber(raw) : raw
    if (isJson(type)) return parsed(raw)
    return /^(?:datetime|timestamp)/.test(type) ? moment(raw) : raw
  },

  // AUTOINCREMENT continues after the largest number by itself.
  numbered: () => Promise.resolve(),
}

function isJson(type: string): boolean {
  return /^jsonb?$/.test(type)
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown
  } catch {
    return raw
  }
}

/** As TypeORM writes it: https://typeorm.io/docs/entity/entities */
function dateText(type: string, value: Date): string {
  const iso = value.toISOString()
  if (type === 'date') return iso.slice(0, 10)
  if (type === 'time') return iso.slice(11, 19)
  return iso.slice(0, 23).replace('T', ' ')
}

/** As TypeORM reads it: of UTC without a zone. */
function moment(raw: string): Date | string {
  const [, day, time = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(raw) ?? []
  if (day === undefined) return raw
  const found = new Date(`${day}T${time}${zone}`)
  return Number.isNaN(found.getTime()) ? raw : found
}
