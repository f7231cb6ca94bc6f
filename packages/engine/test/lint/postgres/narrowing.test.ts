import { narrowing } from '../../../src/lint/postgres/narrowing'

describe('narrowing', () => {
  test.each([
    ['text', 'character varying(10)', 'values longer than 10 characters', true],
    ['character varying', 'character(1)', 'values longer than 1 character', true],
    ['character varying(20)', 'character varying(10)', 'values longer than 10 characters', true],
    ['text[]', 'character varying(5)[]', 'values longer than 5 characters', true],
    ['bit varying', 'bit varying(8)', 'values longer than 8 bits', true],
    ['bigint', 'integer', 'values outside the range of integer', true],
    ['integer', 'smallint', 'values outside the range of smallint', true],
    ['numeric(12,0)', 'integer', 'values outside the range of integer', true],
    ['numeric', 'bigint', 'the digits after the decimal point', false],
    ['double precision', 'integer', 'the digits after the decimal point', false],
    ['double precision', 'real', 'the digits after the first 6', false],
    ['numeric', 'double precision', 'the digits after the first 15', false],
    ['bigint', 'double precision', 'the digits after the first 15', false],
    ['numeric(10,2)', 'numeric(8,2)', 'values with more than 6 digits before the decimal point', true],
    ['numeric', 'numeric(8,2)', 'values with more than 6 digits before the decimal point', true],
    ['bigint', 'numeric(10)', 'values with more than 10 digits before the decimal point', true],
    ['numeric(10,4)', 'numeric(10,2)', 'the digits after the first 2 decimals', false],
    ['timestamp with time zone', 'date', 'the time of day', false],
    ['timestamp without time zone', 'time without time zone', 'the date', false],
    ['timestamp without time zone', 'timestamp without time zone(3)', 'fractions of a second', false],
  ])('from %s to %s leaves out %s', (from, to, what, fails) => {
    expect(narrowing(from, to)).toEqual({ what, fails, ...(what.startsWith('values longer') && { cuts: true }) })
  })

  test.each([
    ['character varying(10)', 'character varying(20)'],
    ['character varying(10)', 'text'],
    ['text', 'character varying'],
    ['smallint', 'bigint'],
    ['integer', 'numeric(12,2)'],
    ['integer', 'double precision'],
    ['numeric(8,2)', 'numeric(10,2)'],
    ['numeric(5)', 'integer'],
    ['real', 'double precision'],
    ['timestamp without time zone', 'timestamp with time zone'],
    ['date', 'timestamp without time zone'],
    ['time without time zone(3)', 'time without time zone'],
    ['text', 'integer'],
    ['text', 'text[]'],
    ['uuid', 'text'],
    ['json', 'jsonb'],
    ['mood', 'mood'],
  ])('from %s to %s is none', (from, to) => {
    expect(narrowing(from, to)).toBeUndefined()
  })
})
