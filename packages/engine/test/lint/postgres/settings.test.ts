import { milliseconds, settingIn } from '../../../src/lint/postgres/settings'
import { loadGrammar, parseStatements } from '../../../src/sql/postgres/grammar'

describe('settingIn', () => {
  test.each<[string, string | null | undefined]>([
    ['SET lock_timeout = 5', '5'],
    [`SET LOCAL "Lock_Timeout" TO '5s'`, '5s'],
    [`SELECT 1, pg_catalog.set_config('lock_timeout', '5s', true)`, '5s'],
    ['RESET lock_timeout', null],
    ['SET lock_timeout TO DEFAULT', null],
    ['RESET ALL', null],
    ['SHOW lock_timeout', undefined],
    ['SET statement_timeout = 5', undefined],
    [`SELECT set_config('statement_timeout', '5', true)`, undefined],
    [`SELECT set_config('lock_timeout', x, true) FROM a`, undefined],
    ['SELECT lock_timeout FROM a', undefined],
  ])('reads %s', async (sql, value) => {
    const [statement] = parseStatements(await loadGrammar(), sql)
    expect(statement && settingIn(statement.node, 'lock_timeout')).toBe(value)
  })
})

describe('milliseconds', () => {
  test.each([
    ['0', 0],
    ['250', 250],
    ['500us', 0.5],
    [' 1.5 s ', 1500],
    ['2min', 120_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['1 week', undefined],
    ['S', undefined],
    ['', undefined],
  ])('reads %j', (value, expected) => {
    expect(milliseconds(value)).toBe(expected)
  })
})
