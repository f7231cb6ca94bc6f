import { testRuns } from '../../../../tools/testing/runs.cjs'
import { History } from '../../src/history/history'
import { describeOperation } from '../../src/operations'
import { compare } from '../../src/difference/compare'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'
import { run } from '../run/revisions'
import { outsideRevision } from './outside-revision'
import { ignoreTables } from '../support/ignore-tables'
import { randomOf, TestProcess } from './process'

/** Number of kills; `npm run faults` sets more. */
const kills = testRuns(1)
const seed = Number(process.env['ALUDEL_SEED'] ?? 20261127) || 20261127

describe.each(dialectNames)('non-transactional upgrade that is killed, on %s', (dialect) => {
  const stateOf = async ({ dialect: own, dataSource, rows }: TestDatabase) => ({
    schema: await own.introspection.read(dataSource, { ignoreTables }),
    rows: await rows('SELECT * FROM "a" ORDER BY "id"'),
  })

  test('executes each statement once despite the kills', async () => {
    const random = randomOf(seed)
    const reference = await openDatabase(dialect)
    await run(reference, [outsideRevision(dialect)])
    const wanted = await stateOf(reference)
    await reference.drop()
    let killed = 0
    while (killed < kills) {
      const database = await openDatabase(dialect)
      try {
        for (let done = false; !done;) {
          const child = new TestProcess('killed-outside-process.ts', [
            dialect,
            database.address,
            String(killed < kills ? 1 + random(60) : 0),
            random(2) === 0 ? 'before' : 'after',
          ])
          const { code, signal, output, errors } = await child.ended
          expect({ code: signal === null ? code : null, errors }).toEqual({
            code: signal === null ? 0 : null,
            errors: '',
          })
          if (signal === 'SIGKILL') killed += 1
          done = output.includes('done')
        }
        const found = await stateOf(database)
        expect(found.rows).toEqual(wanted.rows)
        expect(compare(found.schema, wanted.schema).map(describeOperation)).toEqual([])
        const [last] = await History.of(database.dialect, database.dataSource).readJournal(database.dataSource, {
          limit: 1,
        })
        expect(last).toMatchObject({ outcome: 'done' })
      } finally {
        await database.drop()
      }
    }
  })
})
