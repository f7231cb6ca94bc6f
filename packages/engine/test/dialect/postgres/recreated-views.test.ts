import { ViewColumn, ViewEntity } from 'typeorm'

import { watchViews } from '../../../src/dialect/postgres/recreated-views'
import { entity, type EntityOption, id, openProject, type TestProject, text } from '../../migrator/project'

const yes = { confirm: () => Promise.resolve(true) }

/** A table, a view of it, and a materialized view of that view. */
function entities(length: number): readonly EntityOption[] {
  @ViewEntity({ name: 'names', expression: 'SELECT "id", "name" FROM "people"' })
  class Names {
    @ViewColumn() id!: number
    @ViewColumn() name!: string
  }
  @ViewEntity({
    name: 'Cached Names',
    materialized: true,
    dependsOn: [Names],
    expression: 'SELECT "id", "name" FROM "names"',
  })
  class CachedNames {
    @ViewColumn() id!: number
    @ViewColumn() name!: string
  }
  return [entity('people', { id, name: text(length) }), Names, CachedNames]
}

describe('watchViews, when views are rebuilt', () => {
  const role = `aludel_reader_${String(process.pid)}`
  let project: TestProject
  beforeEach(async () => {
    project = await openProject('postgres')
    await project.database.rows(`CREATE ROLE ${role}`)
  })
  afterEach(async () => {
    await project.database.rows(`DROP OWNED BY ${role}`)
    await project.database.rows(`DROP ROLE ${role}`)
    await project.remove()
  })

  const rows = (sql: string) => project.database.rows(sql)
  const state = () =>
    rows(`SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner, obj_description(c.oid) AS comment,
        (SELECT string_agg(g.privilege_type || CASE WHEN g.is_grantable THEN '*' ELSE '' END, ' ' ORDER BY g.privilege_type)
          FROM aclexplode(c.relacl) g WHERE g.grantee = '${role}'::regrole OR g.grantee = 0) AS rights,
        (SELECT string_agg(a.attname || ' ' || g.privilege_type, ' ') FROM pg_attribute a, aclexplode(a.attacl) g
          WHERE a.attrelid = c.oid AND g.grantee = '${role}'::regrole) AS columns,
        (SELECT string_agg(col_description(c.oid, a.attnum), ' ') FROM pg_attribute a WHERE a.attrelid = c.oid) AS remarks
        FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname`)

  test('keeps privileges, owners and comments of the views', async () => {
    await project.migrator(entities(50)).create('first')
    await project.migrator(entities(50)).upgrade()
    await rows(`GRANT SELECT ON names TO ${role} WITH GRANT OPTION`)
    await rows(`GRANT UPDATE ("name") ON names TO ${role}`)
    await rows(`GRANT SELECT ON "Cached Names" TO PUBLIC`)
    await rows(`COMMENT ON VIEW names IS 'it''s read by reports'`)
    await rows(`COMMENT ON COLUMN names.name IS 'first and last'`)
    await rows(`ALTER MATERIALIZED VIEW "Cached Names" OWNER TO ${role}`)
    await rows(`GRANT SELECT ON people TO ${role}`)
    const before = await state()
    expect(before).toMatchObject([
      { name: 'Cached Names', owner: role },
      { name: 'names', rights: 'SELECT*', columns: 'name UPDATE', comment: `it's read by reports` },
    ])

    await project.migrator(entities(80)).create('second', yes)
    const warnings: string[] = []
    const migrator = project.migrator(entities(80), {
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message)
      },
    })
    await migrator.upgrade()
    expect(await state()).toEqual(before)
    await migrator.downgrade('-1')
    expect(await state()).toEqual(before)
    expect(warnings).toEqual([])
  })

  test('warns about an owner that the role of the run may not restore', async () => {
    const group = `${role}_group`
    await rows(`CREATE ROLE ${group}`)
    const { queryRunner } = project.database
    const warnings: string[] = []
    try {
      await rows(`GRANT ${group} TO ${role}`)
      // Up to PostgreSQL 14, every role may create objects there.
      await rows('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
      await rows(`GRANT CREATE ON SCHEMA public TO ${role}`)
      await rows('CREATE VIEW names AS SELECT 1 AS id')
      await rows(`ALTER VIEW names OWNER TO ${group}`)
      await queryRunner.startTransaction()
      await queryRunner.query(`SET LOCAL ROLE ${role}`)
      const watch = watchViews((message) => warnings.push(message)).step(queryRunner)
      await watch.before('DROP VIEW "names"')
      await queryRunner.query('DROP VIEW "names"')
      await queryRunner.query('CREATE VIEW "names" AS SELECT 2 AS id')
      await watch.finish()
      await queryRunner.commitTransaction()
      expect(await rows('SELECT id FROM names')).toEqual([{ id: 2 }])
      expect(warnings).toEqual([
        `view "names" was recreated, and this role may not restore: ALTER VIEW "names" OWNER TO ${group}`,
      ])
    } finally {
      await rows(`DROP OWNED BY ${group}`)
      await rows(`DROP ROLE ${group}`)
    }
  })
})
