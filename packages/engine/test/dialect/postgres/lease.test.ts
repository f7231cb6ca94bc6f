import { lock } from '../../../src/dialect/postgres/lock'
import { lockHolder } from '../../../src/dialect/postgres/holder'
import { TestDatabases } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

const lease = { kind: 'lease', key: 'migrations', owner: 'deploy@ci' } as const

test('lock grants the lease to one of ten concurrent sessions and rejects the others', async () => {
  for (const key of ['migrations', 'app.migrations']) {
    const dataSource = await databases.open({ poolSize: 20 })
    const runners = Array.from({ length: 10 }, () => dataSource.createQueryRunner())
    await Promise.all(runners.map((runner) => runner.connect()))
    const results = await Promise.allSettled(runners.map((runner) => lock(runner, { ...lease, key, timeoutMs: 0 })))
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    expect(failures).toEqual(failures.map(() => expect.objectContaining({ code: 'ALUDEL_LOCKED' }) as unknown))
    expect(failures).toHaveLength(9)
    for (const result of results) if (result.status === 'fulfilled') await result.value.release()
    for (const runner of runners) await runner.release()
  }
})

test('lock keeps one lease per history, in the schema of the history', async () => {
  const dataSource = await databases.open()
  const one = dataSource.createQueryRunner()
  const other = dataSource.createQueryRunner()
  const held = await lock(one, { ...lease, key: 'app.migrations', timeoutMs: 0 })
  await (await lock(other, { ...lease, key: 'app.other', timeoutMs: 0 })).release()
  await (await lock(other, { ...lease, timeoutMs: 0 })).release()
  expect(await lockHolder(other, 'app.migrations')).toMatchObject({
    kind: 'lease',
    owner: 'deploy@ci',
    pid: process.pid,
    live: true,
    token: '1',
  })
  expect(await lockHolder(other, 'app.other')).toBeNull()
  await held.release()
  expect(await lockHolder(other, 'app.migrations')).toBeNull()
  await (await lock(one, { ...lease, key: 'app.migrations', timeoutMs: 0 })).check()
  expect(await lockHolder(other, 'app.migrations')).toMatchObject({ token: '2' })
  await one.release()
  await other.release()
})

test('lock takes the times of a lease from the clock of the server', async () => {
  const dataSource = await databases.open()
  const runner = dataSource.createQueryRunner()
  // Repeated, because a single lease could have equal times by chance.
  for (let time = 0; time < 100; time++) {
    const held = await lock(runner, { ...lease, timeoutMs: 0, leaseMs: 60_000 })
    const [row] = (await dataSource.query(
      `SELECT "expires_at" - "heartbeat_at" = interval '60 s' AS whole, "acquired_at" BETWEEN pg_postmaster_start_time() AND clock_timestamp() AS now FROM "aludel_lock"`,
    )) as unknown[]
    expect(row).toEqual({ whole: true, now: true })
    await held.release()
  }
  await runner.release()
})

test('lock on a single connection renews its lease with statements, and fails once it is lost', async () => {
  const dataSource = await databases.open({ poolSize: 1 })
  const runner = dataSource.createQueryRunner()
  const held = await lock(runner, { ...lease, timeoutMs: 0, leaseMs: 1 })
  // Expired by now, but nobody took it: the run may continue.
  await held.beforeStatement(false)
  await runner.startTransaction()
  await held.begin(runner)
  await held.beforeStatement(true)
  await held.beforeCommit(runner)
  await runner.commitTransaction()
  await runner.query(`UPDATE "aludel_lock" SET "token" = "token" + 1`)
  await expect(Promise.resolve().then(() => held.beforeStatement(true))).rejects.toMatchObject({
    code: 'ALUDEL_LOCK_LOST',
  })
  await expect(held.check()).rejects.toMatchObject({ code: 'ALUDEL_LOCK_LOST', kind: 'failed' })
  await held.release()
  await runner.release()
})
