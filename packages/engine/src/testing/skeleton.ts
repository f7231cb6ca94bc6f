import { quote } from '../files/quote'
import type { RevisionFileSpec } from '../files/render'
import type { RevisionTestCase, TestRow, TestRows } from './cases'

/** Characters of a line, above which a row has one for each column. */
const width = 110

/**
 * The text of a test file with one test.
 *
 * @param test whose steps are rows
 */
export function testFileText(language: RevisionFileSpec['language'], title: string, test: RevisionTestCase): string {
  const isCommonJs = language === 'js-cjs' || language === 'cjs'
  const { before, after, back, dialects } = test
  const lines = [
    isCommonJs
      ? "const { testRevision } = require('@aludel/engine/testing')"
      : "import { testRevision } from '@aludel/engine/testing'",
    '',
    `${isCommonJs ? 'module.exports =' : 'export default'} testRevision({`,
    `  ${quote(title)}: {`,
    ...(dialects === undefined ? [] : [`    dialects: [${dialects.map(quote).join(', ')}],`]),
    ...(isEmpty(before) && !isEmpty(after)
      ? []
      : ['    // Inserted before the upgrade.', ...stepLines('before', before)]),
    '    // There after it, in any order; columns that are not named may have any value.',
    ...stepLines('after', after),
    ...(back === 'as before'
      ? ['    // After the downgrade, all tables have the rows that they had.', `    back: 'as before',`]
      : []),
    '  },',
    '})',
    '',
  ]
  return lines.join('\n')
}

function isEmpty(step: RevisionTestCase['before']): boolean {
  return typeof step !== 'object' || Object.keys(step).length === 0
}

function stepLines(name: string, step: RevisionTestCase['before']): readonly string[] {
  const tables = Object.entries(typeof step === 'object' ? step : {})
  if (tables.length === 0) return [`    ${name}: {},`]
  return [`    ${name}: {`, ...tables.flatMap(([table, rows]) => tableLines(table, rows)), '    },']
}

function tableLines(table: string, rows: TestRows[string]): readonly string[] {
  if (rows.length === 0) return [`      ${key(table)}: [],`]
  return [`      ${key(table)}: [`, ...rows.flatMap(rowLines), '      ],']
}

function rowLines(row: TestRow): readonly string[] {
  const cells = Object.entries(row).map(([column, value]) => `${key(column)}: ${literal(value)}`)
  const one = `        { ${cells.join(', ')} },`
  return one.length <= width ? [one] : ['        {', ...cells.map((cell) => `          ${cell},`), '        },']
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)
}

/** A value as the code that has it. */
function literal(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'bigint') return `${String(value)}n`
  if (value instanceof Date) return `new Date(${quote(value.toISOString())})`
  if (Buffer.isBuffer(value)) return `Buffer.from(${quote(value.toString('hex'))}, 'hex')`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const cells = Object.entries(value).map(([name, one]) => `${key(name)}: ${literal(one)}`)
  return cells.length === 0 ? '{}' : `{ ${cells.join(', ')} }`
}
