import type { SchemaDocument } from '@aludel/engine'

import {
  aludel,
  dialects,
  makeDatabase,
  makeDirectory,
  type Ran,
  removeDirectory,
  shippedConfig,
  type TestDatabase,
} from './harness'

describe.each(dialects)('db schema on %s', (dialect) => {
  let directory: string
  let database: TestDatabase
  const here = (...args: string[]): Promise<Ran> =>
    aludel(args, { cwd: directory, env: { DATABASE_URL: database.url } })

  beforeEach(async () => {
    directory = makeDirectory(shippedConfig)
    database = await makeDatabase(dialect)
  })

  afterEach(async () => {
    await database.drop()
    removeDirectory(directory)
  })

  test('prints the tables of the database, and no table of the tool', async () => {
    await here('db', 'init')
    await database.query('CREATE TABLE "by hand" ("n" integer, CHECK ("n" > 0))')
    const { stdout, code } = await here('db', 'schema')
    expect(code).toBe(0)
    const tables = stdout.split('\n').filter((line) => /^\S.*(?:rows?|iB| B)/.test(line))
    expect(tables).toHaveLength(9)
    expect(stdout).toMatch(/^by hand /m)
    expect(stdout).toMatch(
      /^ {2}foreign key fk_checkpoints_workflow_id \(workflow_id\) references workflows \(id\) on delete cascade$/m,
    )
    expect(stdout).not.toMatch(/^(?:migrations|aludel_journal)/m)

    const only = await here('db', 'schema', 'by hand')
    expect(only.stdout.split('\n')).toEqual([
      expect.stringMatching(/^by hand {2}/) as string,
      '  n  integer',
      expect.stringMatching(/^ {2}check .*\("?n"? > 0\)/) as string,
      '',
    ])
  })

  test('prints the document with --json, and a picture as Mermaid', async () => {
    await here('db', 'init')
    const document = (await here('db', 'schema', 'checkpoints', 'workflows', '--json')).json<SchemaDocument>()
    expect(document).toMatchObject({ at: 'live', dialect, tables: [{ name: 'checkpoints' }, { name: 'workflows' }] })
    expect(document.tables[0]?.foreignKeys).toMatchObject([{ table: 'workflows', onDelete: 'CASCADE' }])
    const { stdout } = await here('db', 'schema', 'checkpoints', 'workflows', '--format', 'mermaid')
    expect(stdout).toMatch(/^erDiagram\n {2}"checkpoints" \{\n/)
    expect(stdout).toContain('\n  "workflows" ||--o{ "checkpoints" : "workflow_id"\n')
    const picture = await here('db', 'schema', 'checkpoints', 'workflows', '--format', 'mermaid', '--json')
    expect(picture.json()).toEqual({ format: 'mermaid', text: stdout })
  })

  test('reports a database without tables, and a table that does not exist', async () => {
    const empty = await here('db', 'schema')
    expect(empty).toMatchObject({ code: 0, stdout: expect.stringContaining('has no tables') as string })
    expect(empty.stdout).toContain('aludel db init')
    expect((await here('db', 'schema', '--json')).json<SchemaDocument>().tables).toEqual([])
    await here('db', 'init')
    expect(await here('db', 'schema', 'workflow')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no table or view "workflow"') as string,
    })
    expect(await here('db', 'schema', '--format', 'svg')).toMatchObject({ code: 2 })
  })
})
