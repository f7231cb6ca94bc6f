import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { CheckResult, CreateResult } from '@aludel/engine'

import { dialects, writeFiles } from './harness'
import { user } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

describe.each(dialects)('names that TypeORM derives, on %s', (dialect) => {
  const project = useShop(dialect)

  beforeEach(async () => {
    writeFiles(project.directory, {
      'entities/user.ts': user("@Column('varchar', { length: 9, unique: true }) code!: string"),
    })
    const { created } = (
      await project.succeeds(`create codes --backfill users.code='x' --yes --json`)
    ).json<CreateResult>()
    if (created === null) throw new Error('no revision')
    const file = path.resolve(project.directory, created.path)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/UQ_[0-9a-f]+/g, 'UQ_0000000000000000'))
  })

  test('do not fail check, which lists them with --names, and create --names rename renames them', async () => {
    const check = await project.migrate('check')
    expect(check.code).toBe(0)
    expect(check.stdout + check.stderr).toContain('1 constraint or index has another name than TypeORM derives')
    const [name] = (await project.migrate('check --json')).json<CheckResult>().names
    expect(name).toMatchObject({ table: 'users', kind: 'unique', database: 'UQ_0000000000000000', dialects: [dialect] })
    const listed = await project.migrate('check --names')
    expect(listed.code).toBe(3)
    expect(listed.stdout).toContain(`users: unique UQ_0000000000000000, TypeORM derives ${name?.entity ?? ''}`)

    const kept = await project.succeeds('create nothing')
    expect(kept.stdout + kept.stderr).toContain('1 constraint or index keeps its name')
    const renamed = await project.succeeds('create names --names rename --json')
    expect(renamed.json<CreateResult>().operations).toMatchObject([{ op: 'renameConstraint', to: name?.entity }])
    expect((await project.migrate('check --names')).code).toBe(0)
  })
})

describe('a column whose property has no type of a database', () => {
  const project = useShop('sqlite')

  test('is an error that names its line and what to write', async () => {
    writeFiles(project.directory, { 'entities/user.ts': user('@Column() theme!: { readonly dark: boolean }') })
    const check = await project.migrate('check --json')
    expect(check.code).toBe(1)
    expect(check.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringMatching(
        /the column theme of the entity User has no type: its property is a \{ readonly dark: boolean \} \(.*entities\/user\.ts:\d+\)$/,
      ) as string,
      help: expect.stringContaining("@Column({ type: 'simple-json' })") as string,
      details: { entity: 'User', property: 'theme', path: expect.stringMatching(/user\.ts$/) as string },
    })
  })
})
