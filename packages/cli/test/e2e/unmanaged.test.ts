import { readFileSync } from 'node:fs'
import path from 'node:path'

import type { CheckResult, CreateResult } from '@aludel/engine'

import { type Dialect, dialects, writeFiles } from './harness'
import { type ErrorDocument, useShop } from './shop-project'

/** A handwritten revision that creates unmanaged objects. */
function byHand(dialect: Dialect): string {
  const trigger =
    dialect === 'sqlite'
      ? ['CREATE TRIGGER hush AFTER DELETE ON users BEGIN SELECT 1; END']
      : [
          'CREATE FUNCTION hush() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$',
          'CREATE TRIGGER hush AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION hush()',
        ]
  const statements = ['CREATE INDEX ix_lower_name ON users (lower(name))', ...trigger]
  return `exports.ByHand1900000000000 = class ByHand1900000000000 {
  async up(queryRunner) {
${statements.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})`).join('\n')}
  }
  async down() {}
}
`
}

describe.each(dialects)('unmanaged objects on %s', (dialect) => {
  const project = useShop(dialect)
  const patterns = [
    ...(dialect === 'sqlite' ? [] : ['function:hush()']),
    'index:users.ix_lower_name',
    'trigger:users.hush',
  ]
  const config = (more = '') => `{\n  "revisions": "./migrations"${more}\n}\n`

  beforeEach(() => {
    writeFiles(project.directory, {
      'migrations/1900000000000-by-hand.js': byHand(dialect),
      'aludel.config.json': config(),
    })
  })

  test('fail check and create until --keep writes them to the configuration', async () => {
    const check = await project.migrate('check')
    expect(check.code).toBe(3)
    expect(check.stdout).toContain(`${String(patterns.length)} unmanaged objects:`)
    expect(check.stdout).toMatch(
      /index:users\.ix_lower_name is unmanaged: revision [0-9a-f]{12} \(.*\) created it, and no entity describes it/,
    )
    expect(check.stdout + check.stderr).toContain('unmanaged')
    const found = (await project.migrate('check --json')).json<CheckResult>()
    expect(found.operations).toEqual([])
    expect(found.unmanaged.map(({ pattern }) => pattern).sort()).toEqual(patterns)

    const refused = await project.migrate('create nothing --yes --json')
    expect(refused.code).toBe(4)
    expect(refused.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_UNMANAGED_QUESTION',
      help: expect.stringContaining("--keep 'index:users.ix_lower_name'") as string,
    })

    const flags = patterns.flatMap((pattern) => ['--keep', pattern])
    const kept = await project.aludel(['migrate', 'create', 'nothing', ...flags, '--json'])
    expect(kept.code).toBe(0)
    expect(kept.json<CreateResult>()).toMatchObject({ created: null, unmanaged: { added: patterns } })
    const file = readFileSync(path.join(project.directory, 'aludel.config.json'), 'utf8')
    expect((JSON.parse(file) as { unmanaged: string[] }).unmanaged).toEqual(patterns)
    expect((await project.migrate('check')).code).toBe(0)
  })

  test('are dropped when create --drop gets patterns that match them', async () => {
    const dropped = await project.aludel(['migrate', 'create', 'drop', '--drop', '*:*', '--json'])
    expect(dropped.code).toBe(2)
    const flags = ['--drop', 'index:ix_*', '--drop', 'trigger:users.*', '--drop', 'function:hush']
    const ran = await project.aludel(['migrate', 'create', 'drop', ...flags, '--json'])
    expect(ran.code).toBe(0)
    expect(
      ran
        .json<CreateResult>()
        .operations.map(({ op }) => op)
        .sort(),
    ).toEqual([...(dialect === 'sqlite' ? [] : ['dropFunction']), 'dropIndex', 'dropTrigger'])
    await project.succeeds('upgrade')
    expect((await project.migrate('check --database')).code).toBe(0)
  })

  test('check names a wrong pattern in the configuration', async () => {
    writeFiles(project.directory, { 'aludel.config.json': config(',\n  "ignore": ["schemas:queue"]') })
    const ran = await project.migrate('check --json')
    expect(ran.code).toBe(2)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_CONFIG',
      message: expect.stringContaining('ignore: "schemas:queue" is not a pattern of the form kind:name') as string,
    })
  })
})
