import type { RunEvent } from '../../../src/project/events'
import type { HostileResult } from '../../../src/results'
import type { TestOptions } from '../../../src/testing/test'
import { openProject, type TestProject } from '../../migrator/project'
import { dialectNames } from '../../run/databases'
import { coded, dropUnique, unique, users } from './revisions'

const [dialect = 'sqlite'] = dialectNames

/** The databases of a project on which all of this is so. */
const kinds = [...dialectNames.map((name) => [name]), ...(dialectNames.length > 1 ? [dialectNames] : [])]

/** Code of a revision that runs on one database only. */
const only = (name: string, code: string): string =>
  `if (queryRunner.connection.options.type ${name === 'postgres' ? '===' : '!=='} 'postgres') {\n${code}\n}`

describe.each(kinds.map((names) => ({ names, title: names.join(' and ') })))(
  'comments that ignore hostile rows on $title',
  ({ names }) => {
    let project: TestProject
    beforeEach(async () => {
      project = await openProject(names[0] ?? dialect)
    })
    afterEach(() => project.remove())

    const events: RunEvent[] = []
    const tried = async (options: TestOptions = {}): Promise<HostileResult> => {
      events.length = 0
      const migrator = project.migrator([], { dialects: names, onEvent: (event) => events.push(event) })
      const { hostile } = await migrator.test({ hostile: 'only', ...options })
      if (hostile === undefined) throw new Error('no hostile rows were tried')
      return hostile
    }
    const write = (comment: string, up = unique, down = dropUnique): Promise<void> =>
      project.write({
        ...users('"email" text NOT NULL'),
        ...coded('Unique1700000000002', `${comment}\n    ${up}`, down),
      })
    const unused = async (options?: TestOptions): Promise<readonly string[]> =>
      (await tried(options)).unusedIgnores.map(({ line, message }) => `${String(line)}: ${message}`)
    const duplicates = names.map(() => expect.objectContaining({ kind: 'duplicate' }) as unknown)

    test('leave out what they ignore with a reason', async () => {
      await write('// aludel-test-ignore duplicate: the API refuses them')
      expect(await tried()).toMatchObject({ findings: [], ignored: names.length, unusedIgnores: [] })
    })

    test('have no effect without a reason, of which one warning is emitted', async () => {
      await write('// aludel-test-ignore duplicate, null')
      expect(await tried()).toMatchObject({ findings: duplicates, ignored: 0, unusedIgnores: [] })
      expect(events.filter(({ type }) => type === 'warning')).toEqual([
        {
          type: 'warning',
          message:
            'migrations/Unique1700000000002.js:4: the comment that ignores duplicate, null gives no reason and has no effect',
        },
      ])
    })

    test('are reported if they ignore what no row has shown', async () => {
      await write('// aludel-test-ignore null: it is another kind')
      const { findings, ignored, unusedIgnores } = await tried()
      expect([findings, ignored]).toEqual([duplicates, 0])
      expect(unusedIgnores).toEqual([
        {
          revision: findings[0]?.revision,
          path: 'migrations/Unique1700000000002.js',
          line: 4,
          kinds: ['null'],
          message: 'the comment ignores null, which hostile rows do not show there',
          help: 'Remove it, or put it directly above the statement. `aludel-test-ignore-file` counts for the whole file.',
        },
      ])
    })

    test('are reported with those of their names that ignore nothing, and where they are not above the statement', async () => {
      await write('// aludel-test-ignore duplicate, orphan, null: the API refuses them')
      expect(await unused()).toEqual(['4: the comment ignores orphan, null, which hostile rows do not show there'])
      await write('// aludel-test-ignore duplicate: the API refuses them\n\n    void 0')
      expect(await unused()).toEqual(['4: the comment ignores duplicate, which hostile rows do not show there'])
      await write('// aludel-test-ignore-file duplicate, check: the API refuses them\n\n    void 0')
      const { unusedIgnores } = await tried()
      expect(unusedIgnores).toMatchObject([{ kinds: ['check'], help: 'Remove it.' }])
    })

    test('are reported with a name that is no kind of rows', async () => {
      await write('// aludel-test-ignore duplicates: the API refuses them')
      const { unusedIgnores } = await tried()
      expect(unusedIgnores).toMatchObject([
        {
          kinds: ['duplicates'],
          message: 'the comment ignores duplicates, which is not a kind of hostile rows',
          help: 'The kinds are row, null, duplicate, orphan, self, check, value, lost, changed.',
        },
      ])
    })

    test.each(names)('are not reported if only one database has shown what they ignore: %s', async (name) => {
      const up = `// aludel-test-ignore duplicate: the API refuses them\n${unique}`
      await write('', only(name, up), only(name, dropUnique))
      expect(await tried()).toMatchObject({ findings: [], ignored: 1, unusedIgnores: [] })
    })

    test.each([
      ['that ordinary rows stop', 'ALTER TABLE "users" ADD COLUMN "age" integer NOT NULL'],
      ['that does not run on empty tables', 'DROP TABLE "nowhere"'],
    ])('are not reported of a revision %s', async (_title, sql) => {
      const down = `await queryRunner.query('ALTER TABLE "users" DROP COLUMN "age"')`
      await write('// aludel-test-ignore null: there are none', `await queryRunner.query('${sql}')`, down)
      const { findings, untried, unusedIgnores } = await tried()
      expect(findings.length + untried.length).toBe(names.length)
      expect(unusedIgnores).toEqual([])
    })

    test('are not reported of a revision that was not tried on one of the databases', async () => {
      const fails = only(names.at(-1) ?? dialect, `await queryRunner.query('DROP TABLE "nowhere"')`)
      await write('// aludel-test-ignore null: another database may have them', `${unique}\n${fails}`)
      expect(await unused()).toEqual([])
    })

    test('are not reported of revisions that are not asked for', async () => {
      await write('// aludel-test-ignore null: it is another kind')
      await project.write(coded('Empty1700000000003', ''))
      expect(await unused()).toEqual([])
      expect(await unused({ range: 'base:head' })).toHaveLength(1)
    })
  },
)
