// cspell:ignore doub floa
import type { Column, Schema } from '../../schema/schema'
import { quoteText } from './quote'

const texts = ['', ' ', 'abc', ' abc ', "it's", '0']
const numbers = /int|real|floa|doub|num|dec|bool|money/

/**
 * See `ShadowRole.hostileValues`. A column of SQLite stores values of every type, unless its table is STRICT: a text in a column of
 * numbers is no error. https://sqlite.org/datatype3.html
 */
export function hostileValues(column: Column, _schema: Schema, becomes?: Column): readonly string[] {
  if (column.generated !== undefined) return []
  const usual = usualValues(column.type)
  if (becomes === undefined) return usual
  return [...new Set([...usual, ...edges(column.type, becomes.type)])]
}

function isText(type: string): boolean {
  return /char|clob|text/.test(type)
}

function usualValues(type: string): readonly string[] {
  if (/^(?:date|time)/.test(type)) return []
  if (type.includes('json')) return ['{}', 'null', '[]'].map(quoteText)
  if (type.includes('blob')) return ["X''"]
  if (isText(type)) return texts.map(quoteText)
  return numbers.test(type) ? ['0', '-1'] : []
}

function edges(type: string, becomes: string): readonly string[] {
  if (isText(type))
    return [
      ...(numbers.test(becomes) ? numeric : []),
      ...(/^(?:date|time)/.test(becomes) ? days : []),
      ...long(type, becomes),
    ]
  if (type.includes('json')) return ['"text"', '0', '{"a":1,"a":2}'].map(quoteText)
  if (type.includes('blob')) return ["X'00'", "X'ff'"]
  if (!numbers.test(type)) return [...texts.map(quoteText), '0']
  return [
    '12.5',
    '9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
    '1e300',
    quoteText('abc'),
    quoteText(''),
    "X'00'",
  ]
}

const numeric = ['007', '12.5', '1e3', ' 12 ', '1,000', '99999999999999999999', '-1'].map(quoteText)
const days = ['2024-02-30', '31.12.2020', '0000-00-00', '24:00'].map(quoteText)

/** A text with four-byte characters, and one that is longer than the new type declares. SQLite enforces neither. */
function long(type: string, becomes: string): readonly string[] {
  const length = Number(/\((\d+)\)/.exec(type)?.[1] ?? '300')
  const narrow = Number(/\((\d+)\)/.exec(becomes)?.[1] ?? '0')
  return [
    ...(narrow > 0 && narrow < length ? [quoteText('x'.repeat(narrow + 1))] : []),
    quoteText('𝒜'.repeat(Math.min(length, 300))),
  ]
}
