import { diagramOf, fit, open, reveal, zoom } from '../../page/src/model/diagram'
import { keysOf, referrersOf, shortType, signOf } from '../../page/src/model/schema'
import type { SchemaDocument, TableDocument } from '../../src/api/types'

function table(name: string, columns: readonly string[], changes: Partial<TableDocument> = {}): TableDocument {
  return {
    name,
    columns: columns.map((column) => ({ name: column, type: 'integer', nullable: false })),
    primaryKey: { name: null, columns: ['id'] },
    foreignKeys: [],
    uniques: [],
    checks: [],
    indexes: [],
    ...changes,
  }
}

const users = table('users', ['id', 'email'], { uniques: [{ name: null, columns: ['email'] }] })
const posts = table('posts', ['id', 'author_id', 'ghost_id'], {
  foreignKeys: [
    { name: 'fk', columns: ['author_id'], table: 'users', references: ['id'] },
    { name: 'fk2', columns: ['ghost_id'], table: 'elsewhere.ghosts', references: ['id'] },
  ],
})
const schema: SchemaDocument = {
  at: 'live',
  dialect: 'sqlite',
  tables: [users, posts],
  enums: [],
  views: [],
  sequences: [],
}

test('columns know their keys', () => {
  expect(keysOf(users).get('email')).toEqual({ primary: false, refersTo: undefined, unique: true })
  expect(keysOf(posts).get('author_id')).toEqual({ primary: false, refersTo: 'users', unique: false })
  expect(keysOf(posts).get('id')?.primary).toBe(true)
})

test('a table knows who refers to it', () => {
  expect(referrersOf(schema, 'users')).toEqual([{ table: 'posts', columns: ['author_id'], references: ['id'] }])
  expect(referrersOf(schema, 'posts')).toEqual([])
})

test('long names of types are shortened', () => {
  expect(
    ['character varying(320)', 'timestamp(3) with time zone', 'character(2)', 'double precision', 'numeric(10,2)'].map(
      shortType,
    ),
  ).toEqual(['varchar(320)', 'timestamptz(3)', 'char(2)', 'float8', 'numeric(10,2)'])
})

test('operations have a sign', () => {
  expect(['createTable', 'addColumn', 'dropIndex', 'renameColumn', 'alterColumn'].map(signOf)).toEqual([
    'add',
    'add',
    'drop',
    'change',
    'change',
  ])
})

test('a picture has keys only between its tables', () => {
  const { tables, keys } = diagramOf(schema)
  expect(tables.map((it) => it.name)).toEqual(['users', 'posts'])
  expect(keys).toEqual([{ id: 'posts 0', from: 'posts', to: 'users', column: 'author_id', references: 'id' }])
})

test('of a large schema only keys are drawn, and of a wide table the first columns', () => {
  const wide = table(
    'wide',
    Array.from({ length: 30 }, (_, index) => `c${String(index)}`),
  )
  expect(diagramOf({ ...schema, tables: [wide] }).tables[0]).toMatchObject({ more: 16 })
  const many = Array.from({ length: 40 }, (_, index) => ({ ...posts, name: `t${String(index)}` }))
  expect(diagramOf({ ...schema, tables: many }).tables[0]?.columns.map((column) => column.name)).toEqual([
    'id',
    'author_id',
    'ghost_id',
  ])
})

const window = { width: 800, height: 600 }

test('a picture is fitted into the middle, and never enlarged', () => {
  expect(fit({ width: 400, height: 200 }, window)).toEqual({ scale: 1, x: 200, y: 200 })
  const small = fit({ width: 1504, height: 400 }, window)
  expect(small.scale).toBe(0.5)
  expect(small.x).toBe(24)
})

test('a picture that would be too small to read is opened around a box, and nothing beside it is shown', () => {
  const picture = { width: 4000, height: 500 }
  const box = { width: 200, height: 100, y: 200 }
  expect(open({ width: 400, height: 200 }, window, { ...box, x: 0 })).toEqual({ scale: 1, x: 200, y: 200 })
  expect(open(picture, window, undefined)).toEqual(fit(picture, window))
  expect(open(picture, window, { ...box, x: 2000 })).toEqual({ scale: 0.65, x: 400 - 2100 * 0.65, y: 300 - 250 * 0.65 })
  expect(open(picture, window, { ...box, x: 0 }).x).toBe(24)
  expect(open(picture, window, { ...box, x: 3800 }).x).toBe(800 - 24 - 4000 * 0.65)
})

test('a point stays where it is while one zooms around it', () => {
  const before = { x: 10, y: 20, scale: 1 }
  const at = { x: 300, y: 200 }
  const after = zoom(before, 1.5, at)
  const point = (camera: typeof before) => [(at.x - camera.x) / camera.scale, (at.y - camera.y) / camera.scale]
  expect(point(after)[0]).toBeCloseTo(point(before)[0] ?? 0)
  expect(point(after)[1]).toBeCloseTo(point(before)[1] ?? 0)
  expect(zoom(before, 1e9, at).scale).toBe(2.5)
  expect(zoom(before, 1e-9, at).scale).toBe(0.1)
})

test('a box is moved into sight, no further than needed', () => {
  const camera = { x: 0, y: 0, scale: 1 }
  const box = { width: 100, height: 50, x: 0, y: 0 }
  expect(reveal(camera, { ...box, x: 100, y: 100 }, window)).toEqual(camera)
  expect(reveal(camera, { ...box, x: 1000, y: 100 }, window)).toEqual({ ...camera, x: -316 })
  expect(reveal(camera, { ...box, x: -500, y: 100 }, window)).toEqual({ ...camera, x: 516 })
})
