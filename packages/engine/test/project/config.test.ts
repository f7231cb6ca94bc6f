// cspell:ignore dataSorce tablelocktimeoutms postgre
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource } from 'typeorm'

import { sqliteType } from '../../../../tools/testing/databases'
import { isAludelError } from '../../src/errors'
import { loadConfig } from '../../src/project/config'

let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'aludel-config-'))
  file = path.join(directory, 'aludel.config.mjs')
  await writeFile(file, '')
})

afterEach(() => rm(directory, { recursive: true, force: true }))

/** Loads a file that exports this value; the loader has its own tests. */
const load = (exported: unknown) => loadConfig(directory, undefined, () => Promise.resolve({ default: exported }))

async function failure(exported: unknown) {
  const error: unknown = await load(exported).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isAludelError(error, 'ALUDEL_CONFIG'))
    throw new Error('the configuration was accepted, or fails with another error', { cause: error })
  return error
}

const source = 'the path of a file that exports a DataSource, a DataSource, or a function that returns one'
const globs = 'a glob of entity files, or a non-empty array of globs'
const directories = 'a revision directory, or a non-empty array of directories'
const dialects = 'an array of "sqlite" and "postgres"'
const backup = 'an object { directory, tools, keep, when }'
const languages = '"ts", "js", "mjs" or "cjs"'
const patterns = (example: string) => `an array of patterns, for example ["${example}"]`
const unmanaged = patterns('index:posts.ix_body_gin')
const ignore = patterns('table:spatial_ref_sys')
const milliseconds = 'a whole number of milliseconds from 0 to 2147483647'

const wrongValues: readonly (readonly [config: object, key: string, found: string, expected: string])[] = [
  [{ dataSource: null }, 'dataSource', 'null', source],
  [{ dataSource: '' }, 'dataSource', '""', source],
  [{ dataSource: 5 }, 'dataSource', '5', source],
  [{ dataSource: true }, 'dataSource', 'true', source],
  [{ dataSource: ['./a.ts'] }, 'dataSource', 'an array', source],
  [{ dataSource: { type: 'postgres' } }, 'dataSource', 'an object', source],
  [{ dataSource: Promise.resolve() }, 'dataSource', 'an object of the class Promise', source],
  [{ entities: null }, 'entities', 'null', globs],
  [{ entities: '' }, 'entities', '""', globs],
  [{ entities: [] }, 'entities', 'an empty array', 'a non-empty array of globs'],
  [{ entities: 1 }, 'entities', '1', globs],
  [{ entities: { a: 'x' } }, 'entities', 'an object', globs],
  [{ entities: [class User {}] }, 'entities[0]', 'a function', 'a non-empty array of globs, none of them empty'],
  [{ revisions: null }, 'revisions', 'null', directories],
  [{ revisions: '' }, 'revisions', '""', directories],
  [{ revisions: [] }, 'revisions', 'an empty array', 'a non-empty array of directories'],
  [{ revisions: 42 }, 'revisions', '42', directories],
  [{ revisions: {} }, 'revisions', 'an empty object', directories],
  [{ revisions: ['a', ''] }, 'revisions[1]', '""', 'a non-empty array of directories, none of them empty'],
  [{ revisions: ['a', 7] }, 'revisions[1]', '7', 'a non-empty array of directories, none of them empty'],
  [
    { revisions: ['a', undefined] },
    'revisions[1]',
    'undefined',
    'a non-empty array of directories, none of them empty',
  ],
  [{ revisions: ['a', ['b']] }, 'revisions[1]', 'an array', 'a non-empty array of directories, none of them empty'],
  [{ dialects: null }, 'dialects', 'null', dialects],
  [{ dialects: 'sqlite' }, 'dialects', '"sqlite"', dialects],
  [{ dialects: [] }, 'dialects', 'an empty array', dialects],
  [{ dialects: ['sqlite', 'mysql'] }, 'dialects[1]', '"mysql"', '"sqlite" or "postgres", each at most once'],
  [{ dialects: ['postgresql'] }, 'dialects[0]', '"postgresql"', '"sqlite" or "postgres", each at most once'],
  [{ dialects: [null] }, 'dialects[0]', 'null', '"sqlite" or "postgres", each at most once'],
  [{ dialects: ['sqlite', 'sqlite'] }, 'dialects[1]', '"sqlite"', '"sqlite" or "postgres", each at most once'],
  [{ shadow: null }, 'shadow', 'null', 'an object { postgres: URL }'],
  [{ shadow: 'postgres://u:secret@h/d' }, 'shadow', 'a string', 'an object { postgres: URL }'],
  [{ shadow: ['x'] }, 'shadow', 'an array', 'an object { postgres: URL }'],
  [{ shadow: [] }, 'shadow', 'an empty array', 'an object { postgres: URL }'],
  [{ shadow: { postgres: 5 } }, 'shadow.postgres', '5', 'the URL of a PostgreSQL server'],
  [{ shadow: { postgres: null } }, 'shadow.postgres', 'null', 'the URL of a PostgreSQL server'],
  [{ shadow: { postgres: '' } }, 'shadow.postgres', '""', 'the URL of a PostgreSQL server'],
  [{ backup: null }, 'backup', 'null', backup],
  [{ backup: ['x'] }, 'backup', 'an array', backup],
  [{ backup: { directory: '' } }, 'backup.directory', '""', 'a folder'],
  [{ backup: { tools: 5 } }, 'backup.tools', '5', 'the folder of pg_dump'],
  [{ backup: { when: 'sometimes' } }, 'backup.when', '"sometimes"', '"auto", "always" or "never"'],
  [{ backup: { keep: 5 } }, 'backup.keep', '5', 'an object { count, age }'],
  [{ backup: { keep: { count: 0 } } }, 'backup.keep.count', '0', 'a whole number from 1'],
  [{ backup: { keep: { age: '30' } } }, 'backup.keep.age', '"30"', 'an age such as "12h", "30d" or "8w"'],
  [{ language: null }, 'language', 'null', languages],
  [{ language: 'typescript' }, 'language', '"typescript"', languages],
  [{ language: '' }, 'language', '""', languages],
  [{ language: ['ts'] }, 'language', 'an array', languages],
  [{ unmanaged: null }, 'unmanaged', 'null', unmanaged],
  [{ unmanaged: 'index:a' }, 'unmanaged', '"index:a"', unmanaged],
  [{ unmanaged: { index: 'a' } }, 'unmanaged', 'an object', unmanaged],
  [{ unmanaged: [5] }, 'unmanaged[0]', '5', unmanaged],
  [{ unmanaged: ['index:a', ''] }, 'unmanaged[1]', '""', unmanaged],
  [{ ignore: null }, 'ignore', 'null', ignore],
  [{ ignore: 'table:a' }, 'ignore', '"table:a"', ignore],
  [{ ignore: [null] }, 'ignore[0]', 'null', ignore],
  [{ ignore: [{ table: 'a' }] }, 'ignore[0]', 'an object', ignore],
  [{ lock: null }, 'lock', 'null', '"session" or "lease"'],
  [{ lock: true }, 'lock', 'true', '"session" or "lease"'],
  [{ lock: 'Lease' }, 'lock', '"Lease"', '"session" or "lease"'],
  [{ lock: '' }, 'lock', '""', '"session" or "lease"'],
  [{ tableLockTimeoutMs: '5s' }, 'tableLockTimeoutMs', '"5s"', milliseconds],
  [{ tableLockTimeoutMs: '5000' }, 'tableLockTimeoutMs', '"5000"', milliseconds],
  [{ tableLockTimeoutMs: -1 }, 'tableLockTimeoutMs', '-1', milliseconds],
  [{ tableLockTimeoutMs: null }, 'tableLockTimeoutMs', 'null', milliseconds],
  [{ tableLockRetryMs: Number.NaN }, 'tableLockRetryMs', 'NaN', milliseconds],
  [{ tableLockRetryMs: Infinity }, 'tableLockRetryMs', 'Infinity', milliseconds],
  [{ tableLockRetryMs: 0.5 }, 'tableLockRetryMs', '0.5', milliseconds],
  [{ tableLockRetryMs: false }, 'tableLockRetryMs', 'false', milliseconds],
  [{ statementTimeoutMs: 2 ** 31 }, 'statementTimeoutMs', '2147483648', milliseconds],
  [{ statementTimeoutMs: 5n }, 'statementTimeoutMs', '5n', milliseconds],
  [{ statementTimeoutMs: [5] }, 'statementTimeoutMs', 'an array', milliseconds],
  [{ statementTimeoutMs: {} }, 'statementTimeoutMs', 'an empty object', milliseconds],
  [{ $schema: 5 }, '$schema', '5', 'a path or a URL'],
]

describe('loadConfig', () => {
  test.each(wrongValues)(
    'refuses %j: names the key, the value and what is expected',
    async (config, key, found, expected) => {
      const error = await failure(config)
      expect(error.message).toBe(`${file}: ${key} is ${found}; expected ${expected}`)
      expect(error.details).toEqual({ path: file, keys: [key] })
      expect(error.kind).toBe('usage')
    },
  )

  test.each([
    [{ dataSorce: 'x' }, 'dataSorce', 'dataSource'],
    [{ tablelocktimeoutms: 5 }, 'tablelocktimeoutms', 'tableLockTimeoutMs'],
    [{ revision: 'x' }, 'revision', 'revisions'],
    [{ shadow: { postgre: 'x' } }, 'shadow.postgre', 'shadow.postgres'],
    [{ backup: { directories: 'x' } }, 'backup.directories', 'backup.directory'],
    [{ backup: { keep: { counts: 5 } } }, 'backup.keep.counts', 'backup.keep.count'],
  ])('refuses the unknown key of %j and names the nearest', async (config, key, near) => {
    const error = await failure(config)
    expect(error.message).toBe(`${file}: unknown key: ${key}`)
    expect(error.help).toContain(`The nearest known key is ${near}. Known keys: `)
  })

  test.each<[object]>([[{ toString: 'x' }], [{ restore: 'x' }], [{ lockTimeout: 5 }]])(
    'names no nearest key for %j',
    async (config) => {
      expect((await failure(config)).help).toMatch(/^Known keys: dataSource, /)
    },
  )

  test('reports all problems of a configuration at once', async () => {
    const error = await failure({ lock: 'no', dialects: 'sqlite', shadow: { postgres: 1 }, color: 1 })
    expect(error.details).toMatchObject({ keys: ['dialects', 'shadow.postgres', 'lock', 'color'] })
    expect(error.help).toBe(
      [
        'Also: shadow.postgres is 1; expected the URL of a PostgreSQL server.',
        'Also: lock is "no"; expected "session" or "lease".',
        'Also: unknown key: color.',
      ].join('\n'),
    )
  })

  test('never quotes a URL, which may contain a password', async () => {
    const url = 'postgres://user:secret@host/db'
    for (const config of [{ shadow: url }, { revisions: [url, 5] }, { language: url }, { lock: [url] }]) {
      const error = await failure(config)
      expect(`${error.message} ${error.help ?? ''} ${JSON.stringify(error.details)}`).not.toContain('secret')
    }
  })

  test.each([
    ['an array', []],
    ['a string', 'dataSource'],
    ['null', null],
    ['a function', () => ({})],
    ['a map', new Map()],
  ])('refuses %s instead of a configuration', async (_what, exported) => {
    const error = await failure(exported)
    expect(error.message).toBe(`${file} exports no configuration object`)
  })

  test('accepts every key with every kind of value that its type allows', async () => {
    const dataSource = new DataSource({ type: sqliteType, database: ':memory:' })
    const everything = {
      $schema: './node_modules/@aludel/engine/config.schema.json',
      dataSource: './data-source.ts',
      entities: ['a/*.ts', 'b/*.ts'],
      revisions: ['a', 'b'],
      dialects: ['sqlite', 'postgres'],
      shadow: { postgres: 'postgres://localhost/postgres' },
      language: 'mjs',
      unmanaged: ['index:posts.ix_body_gin'],
      ignore: [],
      lock: 'lease',
      backup: { directory: 'b', tools: '/usr/bin', keep: { count: 5, age: '30d' }, when: 'always' },
      tableLockTimeoutMs: 0,
      tableLockRetryMs: 60_000,
      statementTimeoutMs: 2 ** 31 - 1,
    }
    expect((await load(everything))?.config).toBe(everything)
    for (const config of [
      {},
      { dataSource },
      { dataSource: () => dataSource },
      { entities: 'a/*.ts', revisions: 'a', shadow: {}, lock: undefined },
      Object.create(null) as object,
    ]) {
      expect((await load(config))?.config).toBe(config)
    }
  })

  test('awaits a configuration that is a promise', async () => {
    expect((await load(Promise.resolve({ revisions: 'a' })))?.config).toEqual({ revisions: 'a' })
  })

  test('reports a file that throws, or exports a promise that rejects, with the file', async () => {
    // Its stack would name this file, as the one that is to blame.
    const thrown = Object.assign(new Error('no environment'), { stack: undefined })
    const expected = { code: 'ALUDEL_CONFIG', message: `${file} does not load: no environment`, cause: thrown }
    await expect(loadConfig(directory, undefined, () => Promise.reject(thrown))).rejects.toMatchObject(expected)
    const exported = {
      get default() {
        return Promise.reject(thrown)
      },
    }
    await expect(loadConfig(directory, undefined, () => Promise.resolve(exported))).rejects.toMatchObject(expected)
  })
})
