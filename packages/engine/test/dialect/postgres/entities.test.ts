import { render } from '../../../src/dialect/postgres/render'
import { emptySchema } from '../../../src/schema/schema'
import { creationOf, withoutExtensions } from './creation'
import { apply } from './database-pair'
import { entities } from './entities'
import { read, TestDatabases } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

test('rendered statements recreate the schema that TypeORM synchronizes from entities', async () => {
  const synchronized = await databases.open({ entities })
  await synchronized.query('CREATE SCHEMA "other"')
  await synchronized.synchronize()
  const wanted = await read(synchronized)
  expect(wanted.tables).toHaveLength(8)

  const made = await databases.open({ entities })
  await apply(made, render(creationOf(wanted), emptySchema))
  expect(withoutExtensions(await read(made))).toEqual(withoutExtensions(wanted))
})

test('rendered statements recreate tables in the schema of the DataSource', async () => {
  const database = await databases.create()
  const admin = await databases.open({}, database)
  await admin.query('CREATE SCHEMA "app"')
  const synchronized = await databases.open({ schema: 'app', entities: entities.slice(0, 2) }, database)
  await synchronized.synchronize()
  const wanted = await read(synchronized)
  expect(new Set(wanted.tables.map(({ schema }) => schema))).toEqual(new Set(['app']))
  const made = await databases.open({ entities })
  await apply(made, render(creationOf(wanted), emptySchema))
  expect(withoutExtensions(await read(made))).toEqual(withoutExtensions(wanted))
})
