import { canonicalDefault } from '../../src/schema/defaults'

const same = (type: string, ...texts: string[]): number =>
  new Set(texts.map((text) => canonicalDefault({ type, default: text }))).size

describe('the default of a column', () => {
  test.each([
    ['timestamp with time zone', 'CURRENT_TIMESTAMP', 'now()'],
    ['datetime', 'current_timestamp', `datetime('now')`],
    ['numeric(10,2)', '0', `'0'::numeric`],
    ['real', `'1.5'::real`, `'1.5'::double precision`],
    ['bigint', `'-1'::integer`, `'-1'::bigint`],
    ['boolean', `'1'`, '1'],
    ['integer', `'-20'`, '-20'],
    ['decimal(10,2)', `'0.5'`, '0.5'],
  ])('of type %s is the same as %s and as %s', (type, one, other) => {
    expect(same(type, one, other)).toBe(1)
  })

  test.each([
    ['timestamp with time zone', 'now()', 'clock_timestamp()'],
    ['timestamp(3) with time zone', 'now()', 'CURRENT_TIMESTAMP(3)'],
    ['text', `'1'`, '1'],
    ['varchar(5)', `'1'`, '1'],
    ['any', `'1'`, '1'],
    ['blob', `'1'`, '1'],
    ['text', `'0'::text`, `'0'`],
    ['numeric', `'1.0'::numeric`, '1'],
    ['integer', `'1e3'`, '1000'],
    ['boolean', `'1'::text`, '1'],
  ])('of type %s differs between %s and %s', (type, one, other) => {
    expect(same(type, one, other)).toBe(2)
  })

  test('may be missing', () => {
    expect(canonicalDefault({ type: 'text' })).toBeUndefined()
  })
})
