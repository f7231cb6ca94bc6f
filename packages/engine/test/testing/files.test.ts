import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { openTested, people, revision, type TestedProject, tests } from './project'

describe('files of tests', () => {
  let tested: TestedProject

  beforeEach(async () => {
    tested = await openTested('sqlite')
  })
  afterEach(() => tested.remove())

  const write = (name: string, text: string): Promise<void> =>
    writeFile(path.join(tested.project.revisions, name), text)

  test.each([
    ['does not parse', 'export default {', 'ALUDEL_TEST_LOAD', /^the tests of revision 2{12} do not load: .*:1:/],
    ['throws', "throw new Error('at load')", 'ALUDEL_TEST_LOAD', /do not load: at load \(.*Split\.test\.ts\)$/],
    ['exports nothing', 'export {}', 'ALUDEL_TEST_INVALID', /^the file exports no tests \(.*Split\.test\.ts\)$/],
    ['exports a plain object', "export default { 'a': {} }", 'ALUDEL_TEST_INVALID', /^the file exports no tests/],
    [
      'has no test',
      tests(2, 'Split', '')['1700000000002-Split.test.ts'] ?? '',
      'ALUDEL_TEST_INVALID',
      /^testRevision got no test \(/,
    ],
    [
      'is for a database that does not exist',
      tests(2, 'Split', "'a': { dialects: ['oracle'], before: {} }")['1700000000002-Split.test.ts'] ?? '',
      'ALUDEL_TEST_INVALID',
      /^test "a" is for the unknown database "oracle" \(/,
    ],
  ])('are refused if one %s', async (_, text, code, message) => {
    await write('1700000000002-Split.test.ts', text)
    await expect(tested.test()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
  })

  test('are refused beside no revision, with the name that it may have now', async () => {
    await write('1700000000005-Split.test.ts', '')
    await expect(tested.test()).rejects.toMatchObject({
      code: 'ALUDEL_TEST_ORPHAN',
      help: 'Its revision may be 1700000000002-Split.ts: rename the test to 1700000000002-Split.test.ts.',
    })
    await rm(path.join(tested.project.revisions, '1700000000005-Split.test.ts'))
    await write('helper.test.ts', "import { testRevision } from 'somewhere'")
    await expect(tested.test()).rejects.toMatchObject({ code: 'ALUDEL_TEST_ORPHAN' })
  })

  test('of other programs are left alone', async () => {
    await write('helper.test.ts', "describe('helper', () => {})")
    await write('1700000000002-Split.spec.ts', 'throw new Error()')
    await write('1700000000002-Split.test.d.ts', 'export {}')
    expect(await tested.test()).toMatchObject({ tests: [] })
  })

  test('are refused for a revision that has two, and beside a file with two revisions', async () => {
    const own = tests(2, 'Split', "'a': { before: {} }")['1700000000002-Split.test.ts'] ?? ''
    await write('1700000000002-Split.test.ts', own)
    await write('1700000000002-Split.test.js', own)
    await expect(tested.test()).rejects.toMatchObject({
      code: 'ALUDEL_TEST_INVALID',
      message: expect.stringMatching(/^revision 2{12} has a second test file: /) as string,
    })
    await rm(path.join(tested.project.revisions, '1700000000002-Split.test.js'))
    const [[, second] = ['', '']] = Object.entries(revision(3, 'Third', ''))
    const split = people['1700000000002-Split.ts'] ?? ''
    await write('1700000000002-Split.ts', split + second.slice(second.indexOf('/** Third')))
    await expect(tested.test()).rejects.toMatchObject({
      code: 'ALUDEL_TEST_INVALID',
      message: expect.stringMatching(/^the tests are beside a file with 2 revisions: /) as string,
    })
  })

  test('are no revisions to any other command', async () => {
    const before = await tested.project.migrator([]).history()
    await tested.project.write(tests(2, 'Split', "'a': { before: {} }"))
    const migrator = tested.project.migrator([])
    expect(await migrator.history()).toEqual(before)
    expect(await migrator.lint()).toMatchObject({ revisions: 2 })
    await migrator.upgrade()
    expect(await migrator.current()).toMatchObject({ upToDate: true, pending: 0 })
  })
})
