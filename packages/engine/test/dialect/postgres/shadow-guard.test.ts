import { SchemaGuard } from '../../../src/dialect/postgres/shadow-guard'

test('the guard of a temporary schema finds a schema after a comment in a comment', () => {
  const guard = new SchemaGuard('temporary', ['public'])
  expect(() => {
    guard.logQuery(`SELECT 1 /* /* */ ' */ FROM public.users -- '`)
  }).toThrow('names the schema "public"')
  expect(() => {
    guard.logQuery('SELECT 1 /* /* */ FROM public.users */')
  }).not.toThrow()
})
