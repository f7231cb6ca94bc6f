// Tests that `npm run lint` fails on imports that the diagram of packages and rooms forbids.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ESLint } from 'eslint'
import { engineArrows } from '../eslint/arrows.mjs'
import { root } from '../lib/process.mjs'

// The real configuration.
const eslint = new ESLint({ cwd: root })

/**
 * @param {string} file
 * @param {string} code
 * @returns {Promise<string[]>} the rules that report a problem, except those about unused names
 */
async function objections(file, code) {
  const [result] = await eslint.lintText(code + '\n', { filePath: join(root, file) })
  assert(result)
  const fatal = result.messages.find((message) => message.fatal)
  assert.equal(fatal, undefined)
  return result.messages.map((message) => String(message.ruleId)).filter((rule) => !rule.endsWith('no-unused-vars'))
}

/** @type {[file: string, code: string][]} */
const crossing = [
  ['packages/models/src/a.ts', "import { Migrator } from '@aludel/engine'"],
  ['packages/models/src/a.ts', "import pg from 'pg'"],
  ['packages/models/test/a.test.ts', "import { ReviewService } from '@aludel/services'"],
  ['packages/engine/src/a.ts', "import { Workflow } from '@aludel/models'"],
  ['packages/engine/src/a.ts', "import type { Workflow } from '@aludel/models'"],
  ['packages/engine/src/a.ts', "export { Workflow } from '@aludel/models'"],
  ['packages/engine/src/a.ts', "export * from '@aludel/models'"],
  ['packages/engine/src/a.ts', "const models = await import('@aludel/models')\nexport { models }"],
  ['packages/engine/src/a.ts', "export const models = require('@aludel/models')"],
  ['packages/engine/src/a.ts', "export type Models = typeof import('@aludel/models')"],
  ['packages/engine/src/a.ts', "import { DataSource } from 'typeorm'\nexport { DataSource }"],
  ['packages/engine/src/a.ts', "export const load = () => import('typeorm')"],
  ['packages/engine/src/a.ts', "import { something } from '../../models/src/index'\nexport { something }"],
  ['packages/engine/src/a.ts', "export { something } from '../../../node_modules/typeorm/index'"],
  ['packages/engine/src/a.ts', "export { makeDatabase } from '../../../tools/testing/databases'"],
  ['packages/engine/src/a.ts', "import chalk from 'not-installed'\nexport { chalk }"],
  ['packages/migrations/src/a.ts', "import { Workflow } from '@aludel/models'\nexport { Workflow }"],
  ['packages/migrations/src/a.ts', "import { Migrator } from '@aludel/engine'\nexport { Migrator }"],
  ['packages/migrations/src/a.ts', "import type { Plan } from '@aludel/engine'\nexport type { Plan }"],
  ['packages/services/src/a.ts', "export { batched } from '@aludel/engine/migration'"],
  ['packages/migrations/src/a.ts', "import { Table } from 'typeorm'\nexport { Table }"],
  ['packages/services/src/a.ts', "import { Migrator } from '@aludel/engine'\nexport { Migrator }"],
  ['packages/web/src/a.ts', "export { browseReviews } from '@aludel/services'"],
  ['packages/web/src/a.ts', "export type { ReviewDecision } from '@aludel/models'"],
  ['packages/web/src/a.ts', "export { main } from '@aludel/cli'"],
  ['packages/engine/src/a.ts', "export { createServer } from '@aludel/web'"],
  ['packages/services/src/a.ts', "export type { ReviewSource } from '@aludel/web'"],
  ['packages/cli/src/a.ts', "import { x } from '@aludel/engine/dist/revision/graph'\nexport { x }"],
  ['packages/cli/src/a.ts', "import { x } from '@aludel/engine/src/revision/graph'\nexport { x }"],

  ['packages/engine/src/revision/a.ts', "import { readFileSync } from 'node:fs'\nexport { readFileSync }"],
  ['packages/engine/src/operations/a.ts', "import { readFile } from 'fs/promises'\nexport { readFile }"],
  ['packages/engine/src/revision/a.ts', "import type { Schema } from '../schema/schema'\nexport type { Schema }"],
  ['packages/engine/src/schema/a.ts', "import type { Dialect } from '../dialect/dialect'\nexport type { Dialect }"],
  [
    'packages/engine/src/difference/a.ts',
    "import type { RunEvent } from '../project/events'\nexport type { RunEvent }",
  ],
  ['packages/engine/src/sql/a.ts', "export { readFile } from 'node:fs/promises'"],
  ['packages/engine/src/shadow/a.ts', "export { MigratorContext } from '../project/context'"],
  ['packages/engine/src/create/a.ts', "export { runTo } from '../run/run'"],
  ['packages/engine/src/inspect/a.ts', "export { runTo } from '../run/run'"],
  ['packages/engine/src/dialect/sqlite/a.ts', "export { Migrator } from '../../migrator'"],
  ['packages/engine/src/dialect/sqlite/a.ts', "export { execute } from '../../run/run'"],
  ['packages/engine/src/dialect/sqlite/a.ts', "export { create } from '../../create/create'"],
  ['packages/engine/src/dialect/sqlite/a.ts', "export { quote } from '../postgres/quote'"],
  ['packages/engine/src/dialect/roles/a.ts', "export { quote } from '../postgres/quote'"],
  ['packages/engine/src/run/a.ts', "export { Migrator } from '../migrator'"],
]

/** @type {[file: string, code: string][]} */
const allowed = [
  ['packages/engine/test/a.test.ts', "export { makeDatabase } from '../../../tools/testing/databases'"],
  ['packages/web/src/a.ts', "export { Migrator } from '@aludel/engine'\nexport { default } from 'fastify'"],
  ['packages/cli/src/a.ts', "export const load = () => import('@aludel/web')"],
  ['packages/models/src/a.ts', "import 'reflect-metadata'\nexport { Entity } from 'typeorm'"],
  ['packages/engine/src/a.ts', "export type { DataSource } from 'typeorm'"],
  ['packages/engine/src/a.ts', "import { type DataSource } from 'typeorm'\nexport type { DataSource }"],
  ['packages/engine/src/a.ts', "export const load = () => import('oxc-parser')"],
  ['packages/engine/src/migrator.ts', "export { execute } from './run/run'"],
  ['packages/engine/src/revision/a.ts', "export { createHash } from 'node:crypto'\nexport { x } from '../errors'"],
  ['packages/engine/src/dialect/registry.ts', "export { quote } from './postgres/quote'"],
  ['packages/engine/src/dialect/sqlite/a.ts', "export { eachWay } from '../roles/ddl'"],
  [
    'packages/engine/src/dialect/sqlite/a.ts',
    "export { quote } from '../quote'\nexport { x } from '../../schema/schema'",
  ],
  [
    'packages/engine/test/a.test.ts',
    "import { DataSource } from 'typeorm'\nimport { x } from '../src/index'\nexport { DataSource, x }",
  ],
  ['packages/engine/test/a.test.ts', "import fc from 'fast-check'\nexport { fc }"],
  ['packages/migrations/src/a.ts', "export type { MigrationInterface } from 'typeorm'"],
  ['packages/migrations/src/a.ts', "export { batched } from '@aludel/engine/migration'"],
  [
    'packages/cli/src/a.ts',
    "export { Migrator } from '@aludel/engine'\nexport { commands } from '@aludel/services/commands'",
  ],
]

describe('imports between packages and folders', () => {
  test('every folder of the engine is a room, and imports only rooms below it', () => {
    const names = Object.keys(engineArrows)
    const folders = readdirSync(join(root, 'packages/engine/src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    for (const { name } of folders) assert(names.includes(name), `${name} has no line in engineArrows`)
    for (const [name, below] of Object.entries(engineArrows))
      for (const one of below) assert(names.indexOf(one) < names.indexOf(name), `${name} may not import ${one}`)
  })
  for (const [file, code] of crossing) {
    test(`forbids in ${file}: ${code.split('\n')[0]}`, async () => {
      assert((await objections(file, code)).includes('aludel/arrows'))
    })
  }
  for (const [file, code] of allowed) {
    test(`allows in ${file}: ${code.split('\n')[0]}`, async () => {
      assert.deepEqual(await objections(file, code), [])
    })
  }
})

describe('code that only one package or folder may contain', () => {
  /** @type {[file: string, code: string, rule: string | undefined][]} */
  const cases = [
    ['packages/engine/src/a.ts', 'process.exit(1)', 'no-restricted-properties'],
    ['packages/services/src/a.ts', 'process.exitCode = 1', 'no-restricted-properties'],
    ['packages/models/src/a.ts', "process.stdout.write('x')", 'no-restricted-properties'],
    ['packages/engine/src/a.ts', "console.log('x')", 'no-console'],
    ['packages/engine/test/a.test.ts', "console.log('x')", 'no-console'],
    ['packages/engine/src/a.ts', "import { exit } from 'node:process'\nexit(1)", 'no-restricted-imports'],
    ['packages/cli/src/a.ts', "console.log('x')\nprocess.exitCode = 1", undefined],
    ['packages/engine/src/run/a.ts', "export const x = (name: string) => name === 'postgres'", 'no-restricted-syntax'],
    ['packages/engine/src/run/a.ts', "export const x = (name: string) => 'sqlite' !== name", 'no-restricted-syntax'],
    [
      'packages/services/src/a.ts',
      "export function x(name: string) {\n  switch (name) {\n    case 'better-sqlite3':\n      return 1\n  }\n  return 2\n}",
      'no-restricted-syntax',
    ],
    ['packages/engine/src/dialect/sqlite/a.ts', "export const x = (name: string) => name === 'sqlite'", undefined],
    ['packages/cli/src/a.ts', "export const x = (name: string) => name === 'sqlite'", undefined],
    ['packages/engine/test/a.test.ts', 'export const x = { numRuns: 60 }', 'no-restricted-syntax'],
    [
      'packages/engine/test/a.test.ts',
      'const numRuns = Number(process.env.RUNS)\nexport const x = { numRuns }',
      'no-restricted-syntax',
    ],
    [
      'packages/engine/test/a.test.ts',
      "import { testRuns } from '../../../tools/testing/runs.cjs'\nexport const x = { numRuns: testRuns(60) }",
      undefined,
    ],
  ]
  for (const [file, code, rule] of cases) {
    test(`${rule ? 'forbids' : 'allows'} in ${file}: ${code.split('\n')[0]}`, async () => {
      assert.deepEqual(await objections(file, code), rule === undefined ? [] : [rule])
    })
  }
})
