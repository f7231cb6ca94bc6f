import type { MigrationInterface } from 'typeorm'

import { runSteps, type Stage } from '../../../src/inspect/stalls/timed-steps'
import type { Revision } from '../../../src/revision/revision'
import { openDatabase, type TestDatabase } from '../../run/databases'

let database: TestDatabase
beforeEach(async () => {
  database = await openDatabase('postgres')
})
afterEach(() => database.drop())

const revision: Revision = {
  id: '000000000001',
  name: 'R0000000000011763750000000',
  timestamp: 1_763_750_000_000,
  message: 'a table',
  down: [],
  dependsOn: [],
  branchLabels: [],
  path: 'a.ts',
  checksum: '',
  plain: false,
  exportName: 'R0000000000011763750000000',
}

test('the process stays alive while something is kept: nothing else may do it', async () => {
  const { dialect, queryRunner: runner } = database
  const client = (await runner.connect()) as { ref(): void; unref(): void }
  let isAlive = true
  jest.spyOn(client, 'ref').mockImplementation(() => void (isAlive = true))
  jest.spyOn(client, 'unref').mockImplementation(() => void (isAlive = false))
  const seen: boolean[] = []
  const keeping: Stage['keeping'] = {
    refuseOutside: () => undefined,
    watch: (kept) => {
      const look = async (): Promise<void> => {
        const query = kept.query('SELECT 1')
        seen.push(isAlive)
        await query
      }
      return { before: look, after: look, finish: look }
    },
  }
  const migration: MigrationInterface = {
    up: (queryRunner) => queryRunner.query('CREATE TABLE "t" ("id" integer)'),
    down: () => Promise.resolve(),
  }
  const load: Stage['load'] = () => Promise.resolve(migration)
  const stage = { dialect, runner, load, signal: undefined, keeping, measures: true, history: undefined }
  const { timed, error } = await runSteps(stage, [{ revision, direction: 'upgrade' }])
  expect(error).toBeUndefined()
  expect(timed[0]?.statements).toMatchObject([{ sql: 'CREATE TABLE "t" ("id" integer)', measured: { rewrites: [] } }])
  expect(seen).toEqual([true, true, true])
})
