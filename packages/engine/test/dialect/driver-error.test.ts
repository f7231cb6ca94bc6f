import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { folder, removeFolders } from '../../../../tools/testing/folders'
import { unusableDriver } from '../../src/dialect/driver-error'
import { connectError as postgresError } from '../../src/dialect/postgres/errors'
import { connectError as sqliteError } from '../../src/dialect/sqlite/errors'
import { AludelError } from '../../src/errors'

afterAll(removeFolders)

/** What TypeORM says of a driver that it cannot load, for whatever reason. */
const hidden = (name: string) => new Error(`X package has not been found installed. Please run "npm install ${name}".`)

/** A project outside of this repository, which has these files in node_modules. */
const outside = (modules: Readonly<Record<string, string>> = {}, lockFile = 'package-lock.json') =>
  folder({
    'package.json': '{}',
    [lockFile]: '',
    ...Object.fromEntries(Object.entries(modules).map(([name, text]) => [`node_modules/${name}`, text])),
  })

describe('a driver that is not installed', () => {
  test.each([
    ['package-lock.json', 'npm install pg'],
    ['pnpm-lock.yaml', 'pnpm add pg'],
    ['yarn.lock', 'yarn add pg'],
    ['bun.lock', 'bun add pg'],
  ])('is named with the line that installs it in a project with %s', async (lockFile, mend) => {
    const directory = path.join(await outside({}, lockFile), 'src')
    expect(unusableDriver(hidden('pg'), directory)).toMatchObject({
      code: 'ALUDEL_DRIVER',
      message: 'the database driver pg is not installed',
      help: expect.stringContaining(mend) as string,
      details: { driver: 'pg', problem: 'missing', mend },
    })
  })

  test.each([
    "Cannot find module 'better-sqlite3'\nRequire stack:\n- /app/x.js",
    "Cannot find package 'better-sqlite3' imported from /app/x.mjs",
  ])('is recognized in what Node says: %s', async (text) => {
    expect(unusableDriver(new Error('x', { cause: new Error(text) }), await outside())).toMatchObject({
      code: 'ALUDEL_DRIVER',
      details: { driver: 'better-sqlite3', problem: 'missing' },
    })
  })
})

describe('a driver whose native part was not built', () => {
  test('is told apart from one that is missing, although TypeORM reports both alike', async () => {
    const directory = await outside({
      'sqlite3/package.json': '{ "main": "index.js" }',
      'sqlite3/index.js': 'throw new Error("Could not locate the bindings file. Tried:\\n → x")',
    })
    expect(unusableDriver(hidden('sqlite3'), directory)).toMatchObject({
      message: 'the database driver sqlite3 is installed, but does not load: Could not locate the bindings file',
      help: expect.stringContaining('npm rebuild sqlite3') as string,
      details: {
        driver: 'sqlite3',
        problem: 'unbuilt',
        mend: 'npm pkg set "allowScripts.sqlite3=true" --json && npm rebuild sqlite3 --ignore-scripts=false',
      },
    })
  })

  test.each([
    'Could not locate the bindings file. Tried:\n → /app/node_modules/better-sqlite3/build/better_sqlite3.node',
    "The module '/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115.",
    '/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node: invalid ELF header',
    "/lib/libc.so.6: version `GLIBC_2.38' not found (required by /app/node_modules/better-sqlite3/build/Release/better_sqlite3.node)",
    'Error loading shared library ld-linux-x86-64.so.2: cannot open shared object file (needed by /app/node_modules/better-sqlite3/build/Release/better_sqlite3.node)',
  ])('is recognized when it is opened: %s', (text) => {
    const error = sqliteError(new Error(text), { type: 'better-sqlite3', database: 'x.db' })
    expect(error).toMatchObject({ code: 'ALUDEL_DRIVER', details: { driver: 'better-sqlite3', problem: 'unbuilt' } })
  })
})

test('other errors of a connection keep their codes', () => {
  const options = { type: 'postgres', host: 'h', database: 'd' } as DataSourceOptions
  expect(postgresError(new Error('relation "pg" does not exist'), options)).toMatchObject({ code: 'ALUDEL_CONNECT' })
  expect(unusableDriver(new Error('cannot open better-sqlite3.db'))).toBeUndefined()
  expect(unusableDriver(new AludelError('ALUDEL_CONNECT', "Cannot find module 'pg'"))).toBeUndefined()
})
