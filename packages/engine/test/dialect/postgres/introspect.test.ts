import { ignoreTables, read, runScript, TestDatabases, uniqueName, urlOf } from './support'
import { richSchema } from './rich-schema'
import { creationOf, withoutExtensions } from './creation'
import { render } from '../../../src/dialect/postgres/render'
import { emptySchema } from '../../../src/schema/schema'

const databases = new TestDatabases()
afterAll(() => databases.close())

test('x', async () => {
  const d = await databases.open()
  await runScript(d, richSchema)
  const schema = await read(d)
  const e = await databases.open()
  await runScript(e, 'CREATE EXTENSION citext;\nCREATE EXTENSION btree_gist;\nCREATE EXTENSION pg_trgm;\nCREATE FUNCTION "touch"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW."empty" := \'x\'; RETURN NEW; END $$;\n')
  for (const s of render(creationOf(schema), emptySchema)) { if (process.env.SHOW) console.log((s.comment ? '-- ' + s.comment +'\n' : '') + s.sql);  await e.query(s.sql) }
  expect(withoutExtensions(await read(e))).toEqual(withoutExtensions(schema))
})
