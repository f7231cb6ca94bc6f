// Tests the comparison of exports with the reports in etc/: a comparison that reads nothing would always pass.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { apiReports, entriesOf } from '../lib/api.mjs'
import { packageNames } from '../lib/nx.mjs'
import { root } from '../lib/process.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'aludel-api-'))
const folder = join(scratch, 'shop')
const reports = (/** @type {boolean} */ accept) => apiReports([folder], { accept, scratch: join(scratch, 'built') })
const declare = (/** @type {Record<string, string>} */ files) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'dist', name), text)
}

before(() => {
  mkdirSync(join(folder, 'dist'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'))
  const types = (/** @type {string} */ name) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` })
  const manifest = { name: 'shop', version: '1.0.0', exports: { '.': types('index'), './till': types('till') } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { lib: ['es5'], types: [] }, include: ['dist'] }),
  )
  declare({
    'price.d.ts': 'export interface Price { readonly cents: number }\n',
    'index.d.ts': "export { type Price } from './price'\n",
    'till.d.ts': 'export declare function openTill(): void\n',
  })
})
after(() => rmSync(scratch, { recursive: true }))

describe('the report of the exports of a package', () => {
  test('is written for each entry point if it is missing', () => {
    assert.deepEqual(
      reports(true).map(({ changed, problems }) => ({ changed, problems })),
      [
        { changed: true, problems: [] },
        { changed: true, problems: [] },
      ],
    )
    assert.match(readFileSync(join(folder, 'etc', 'shop-till.api.md'), 'utf8'), /export function openTill\(\): void/)
  })

  test('differs when a type changes, and names a type of a signature that users cannot import', () => {
    declare({
      'price.d.ts': 'export interface Price { readonly cents: number; readonly currency: string }\n',
      'drawer.d.ts': 'export interface Drawer { readonly cash: number }\n',
      'index.d.ts': [
        "import { type Drawer } from './drawer'",
        "export { type Price } from './price'",
        'export declare function close(drawer: Drawer): void',
        '',
      ].join('\n'),
    })
    const [shop, till] = reports(false)
    assert.ok(shop?.changed)
    assert.match(readFileSync(shop.built, 'utf8'), /readonly currency: string/)
    assert.doesNotMatch(readFileSync(shop.file, 'utf8'), /currency/)
    assert.equal(shop.problems.length, 1)
    assert.match(shop.problems[0] ?? '', /"Drawer" needs to be exported by the entry point index\.d\.ts/)
    assert.deepEqual({ changed: till?.changed, problems: till?.problems }, { changed: false, problems: [] })
  })

  test('exists for every entry point of every package', () => {
    const names = packageNames.flatMap((name) => entriesOf(join(root, 'packages', name)).map((entry) => entry.name))
    assert.deepEqual(names.sort(), [
      'cli',
      'engine',
      'engine-migration',
      'engine-testing',
      'migrations',
      'models',
      'nestjs',
      'services',
      'services-commands',
      'web',
    ])
  })
})
