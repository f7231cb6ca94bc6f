import { casesOf, testRevision } from '../../src/testing/cases'

/** What testRevision says of one test, or of something else. */
function refusal(cases: unknown): string {
  try {
    testRevision(cases as Parameters<typeof testRevision>[0])
  } catch (error) {
    expect(error).toMatchObject({ code: 'ALUDEL_TEST_INVALID' })
    return (error as Error).message
  }
  return ''
}

describe('testRevision', () => {
  test.each([
    [undefined, 'testRevision takes an object of tests, by title'],
    ['a test', 'testRevision takes an object of tests, by title'],
    [{}, 'testRevision got no test'],
    [{ a: null }, 'test "a" is not an object'],
    [{ a: {} }, 'test "a" is empty: it has neither before, after, back nor fails'],
    [{ a: { dialects: ['sqlite'] } }, 'test "a" is empty: it has neither before, after, back nor fails'],
    [{ a: { expect: {} } }, 'test "a" has the unknown key "expect"'],
    [{ a: { before: 'rows' } }, 'test "a" has a before that is neither a function nor rows by table'],
    [{ a: { before: { users: { id: 1 } } } }, 'test "a" has a before that is neither a function nor rows by table'],
    [{ a: { after: { users: [1] } } }, 'test "a" has an after that is neither a function nor rows by table'],
    [{ a: { back: 'again' } }, `test "a" has a back that is neither a function, nor rows by table, nor 'as before'`],
    [
      { a: { fails: 'often' } },
      'test "a" has a fails that is neither a regular expression nor one of unique, not null, foreign key, check, value',
    ],
    [{ a: { fails: /x/, back: 'as before' } }, 'test "a" has both fails and back: an upgrade that fails is not undone'],
    [{ a: { before: {}, dialects: [] } }, 'test "a" has dialects that are not a list of databases'],
    [{ a: { before: {}, dialects: 'sqlite' } }, 'test "a" has dialects that are not a list of databases'],
    [{ a: { before: {}, skip: true } }, 'test "a" has a skip that is not a reason'],
  ])('refuses %j', (cases, message) => {
    expect(refusal(cases)).toBe(message)
  })

  test('keeps the tests where only the tool looks: TypeORM takes every function of an export for a migration', () => {
    const cases = { a: { before: () => undefined, after: {} }, b: { fails: /x/ } } as const
    const exported = testRevision(cases)
    expect(Object.keys(exported)).toEqual([])
    expect(casesOf(exported)).toBe(cases)
    for (const other of [undefined, null, 'text', cases, () => cases]) expect(casesOf(other)).toBeUndefined()
  })
})
