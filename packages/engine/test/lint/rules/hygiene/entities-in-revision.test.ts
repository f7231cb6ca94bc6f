import { readStatements } from '../../../../src/files/statements'
import { entitiesInRevision } from '../../../../src/lint/rules/hygiene/entities-in-revision'
import { lint } from '../../support'

/** Why the statements of this `up` are not known. */
async function unread(body: string): Promise<string> {
  const parser = await import('oxc-parser')
  const text = `export class A1763750000000 {\n  async up(queryRunner) {\n    ${body}\n  }\n}`
  const found = readStatements(parser, '/a.ts', text, 'A1763750000000', 'upgrade', 'postgres')
  return 'reason' in found ? found.reason : ''
}

describe('entities-in-revision', () => {
  test.each(['postgres', 'sqlite'] as const)('finds the entity manager on %s', async (dialect) => {
    const [found] = await lint(dialect, entitiesInRevision, [
      { unread: await unread('await queryRunner.manager.save(user)') },
    ])
    expect(found).toEqual({
      direction: 'up',
      severity: 'warning',
      message:
        'line 3 calls queryRunner.manager.save: on a new database, this revision runs with the entities of that day, whose columns may not exist yet',
      help: 'Send the statements with `queryRunner.query`.',
    })
  })

  test.each([
    ['await queryRunner.connection.getRepository(User).save({})', 'calls queryRunner.connection.getRepository'],
    ['await getRepository(User).save({})', 'calls getRepository'],
    ['await User.find()', 'calls User.find'],
    ['await User.createQueryBuilder().update().execute()', 'calls User.createQueryBuilder'],
    ['const manager = queryRunner.manager', 'uses queryRunner.manager'],
    ['const repository = queryRunner.manager.getRepository(User)', 'calls queryRunner.manager.getRepository'],
  ])('finds %s', async (body, what) => {
    const [found] = await lint('postgres', entitiesInRevision, [{ unread: await unread(body) }])
    expect(found?.message).toContain(`line 3 ${what}: `)
  })

  test.each([
    ['await queryRunner.createTable(new Table({}))'],
    ['await queryRunner.connection.synchronize()'],
    ['await queryRunner.query(`UPDATE a SET b = ${Date.now()}`)'],
    ['await helper(queryRunner)'],
    ['await queryRunner.manager.query("SELECT 1")'],
    ['await queryRunner.query(`UPDATE a SET b = ${Status.Done}`)'],
    ['switch (queryRunner.connection.options.type) { case DatabaseType.postgres: break }'],
    ['await Helper.run(queryRunner)'],
    ['await queryRunner.query(Object.create(null))'],
    ['if (rows.length > 0) await queryRunner.query("SELECT 1")'],
  ])('finds nothing for %s', async (body) => {
    const reason = await unread(body)
    expect(reason).toMatch(/^line 3 /)
    expect(await lint('postgres', entitiesInRevision, [{ unread: reason }])).toEqual([])
  })
})
