import { dialectNames, makeDatabase, queryPostgres, type TestDatabase } from '../../../../tools/testing/databases'
import { connect } from '../../src/project/connect'

if (dialectNames.includes('postgres')) {
  describe('the cheap connection to PostgreSQL', () => {
    let database: TestDatabase
    beforeEach(async () => {
      database = await makeDatabase('postgres')
    })
    afterEach(() => database.drop())

    test('survives that the server ends its session while it is idle, and reports that at the next query', async () => {
      const { hostname, port, username, password, pathname } = new URL(database.url)
      const name = pathname.slice(1)
      const connection = await connect({
        type: 'postgres',
        host: hostname,
        port: Number(port),
        username,
        password,
        database: name,
      })
      const sessions = `SELECT pid FROM pg_stat_activity WHERE datname = '${name}'`
      const [session] = await queryPostgres(sessions)
      await queryPostgres(`SELECT pg_terminate_backend(${String(session?.['pid'])})`)
      while ((await queryPostgres(sessions)).length > 0);
      // An error that nothing catches would fail this test.
      await queryPostgres('SELECT pg_sleep(0.1)')
      await expect(connection.query('SELECT 1')).rejects.toThrow()
      await connection.close().catch(() => undefined)
    })
  })
}
