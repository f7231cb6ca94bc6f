import type { DataSource } from 'typeorm'

import { rememberTablePaths } from '../../src/shadow/table-paths'

interface Builder {
  getTablePath?(target: { name: string }): string
}

function driverOf(builder: Builder) {
  const driver = { createSchemaBuilder: () => builder } as unknown as DataSource['driver']
  return { driver, builderOf: () => driver.createSchemaBuilder() as unknown as Required<Builder> }
}

test('computes the path of a table once, and again after it was renamed', () => {
  const getTablePath = jest.fn(({ name }: { name: string }) => `public.${name}`)
  const { driver, builderOf } = driverOf({ getTablePath })
  const restore = rememberTablePaths(driver)
  const builder = builderOf()
  const [users, pets] = [{ name: 'users' }, { name: 'pets' }]
  const paths = (): string[] => [users, pets, users].map((table) => builder.getTablePath(table))
  expect(paths()).toEqual(['public.users', 'public.pets', 'public.users'])
  expect(paths()).toEqual(['public.users', 'public.pets', 'public.users'])
  expect(getTablePath).toHaveBeenCalledTimes(2)
  users.name = 'people'
  expect(paths()).toEqual(['public.people', 'public.pets', 'public.people'])
  expect(getTablePath).toHaveBeenCalledTimes(3)
  restore()
  expect(Object.keys(driver)).toEqual(['createSchemaBuilder'])
})

test('leaves a schema builder without such a method as it is', () => {
  const { driver, builderOf } = driverOf({})
  rememberTablePaths(driver)
  expect(builderOf()).toEqual({})
})
