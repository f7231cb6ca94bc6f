// Tests the typed lint rules, .oxlintrc.json: a linter that reads no types or no rules would always pass.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { root } from '../lib/process.mjs'

const folder = mkdtempSync(join(tmpdir(), 'aludel-lint-'))
after(() => rmSync(folder, { recursive: true }))
const compilerOptions = { target: 'es2022', module: 'node16', strict: true, types: [] }
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['packages'] }))
copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))

const code = `
declare function current(): Promise<string>
declare const row: any
export function print(): string {
  current()
  const title: string = row.title
  return title
}
`

/** @param {string} path */
function lint(path) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), code)
  const args = ['--tsconfig', 'tsconfig.json', '--format', 'unix', path]
  const installed = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name)
  const env = { ...process.env, OXLINT_TSGOLINT_PATH: installed('tsgolint') }
  const { status, stdout } = spawnSync(installed('oxlint'), args, { cwd: folder, env, encoding: 'utf8' })
  return { status, rules: Array.from(stdout.matchAll(/typescript\(([\w-]+)\)/g), ([, rule]) => rule).sort() }
}

describe('the typed lint rules', () => {
  test('refuse promises that are not awaited, and values of unknown type', () => {
    const rules = ['no-floating-promises', 'no-unsafe-assignment', 'no-unsafe-member-access']
    assert.deepEqual(lint('packages/engine/src/a.ts'), { status: 1, rules })
  })

  test('allow tests to read rows of unknown type', () => {
    assert.deepEqual(lint('packages/engine/test/a.test.ts'), { status: 1, rules: ['no-floating-promises'] })
  })
})
