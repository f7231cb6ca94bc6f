// Every command block of the documents, run as a reader would type it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { projectDocuments, Reader } from '../docs/run-docs.mjs'
import { gitEnvironment, Workspaces } from '../docs/workspace.mjs'
import { root } from '../lib/process.mjs'
import { stateOf } from './folder-state.mjs'

const server = process.env['ALUDEL_TEST_POSTGRES_URL']
const workspaces = new Workspaces(server)
after(() => workspaces.remove())

/** Changes that documents may make to the repository that they run in, and worse ones. */
const mess = `
  set -e
  git checkout --quiet -b other
  echo changed >> README.md
  git commit --quiet --all --message=changed
  echo staged > staged.txt
  git add staged.txt
  git config user.name Somebody
  git tag now
  git branch --quiet --delete --force main
  rm LICENSE
  rm -r docs
  chmod +x package.json
  mkdir data backups
  echo ignored | tee data/aludel.db > backups/before.db
  echo '{}' > aludel.config.json
  file=packages/cli/dist/index.js
  touch -r "$file" time
  tr a-z b-za < "$file" > moved
  cat moved > "$file"
  touch -r time "$file"
  rm -r packages/engine/dist/run
  echo 'new' > packages/models/dist/new.js
  rm node_modules/typeorm
  mkdir node_modules/typeorm
  echo '{}' > node_modules/typeorm/package.json
  ln -sfn elsewhere node_modules/@aludel/engine
  echo > node_modules/.bin/extra`

describe('Workspaces', () => {
  test('restore the repository after a document changed its files, links, branches and settings', () => {
    const first = workspaces.open('repository')
    const before = stateOf(first.folder)
    try {
      execFileSync('bash', ['-c', mess], { cwd: first.folder, env: gitEnvironment() })
      assert.notDeepEqual(stateOf(first.folder), before)
    } finally {
      first.close()
    }
    const second = workspaces.open('repository')
    try {
      assert.deepEqual(stateOf(second.folder), before)
      const git = ['status', '--porcelain', '--ignored']
      const status = execFileSync('git', git, { cwd: second.folder, env: gitEnvironment(), encoding: 'utf8' })
      const ignored = status
        .split('\n')
        .filter((line) => line !== '' && !/^!! (?:node_modules|packages\/\w+\/dist)\/$/.test(line))
      assert.deepEqual(ignored, [])
    } finally {
      second.close()
    }
  })

  test('configure the server of the tests for shadow databases, except for a document that starts its own', () => {
    const configOf = (/** @type {{ embedded: boolean }} */ options) => {
      const { folder, close } = workspaces.open('repository', options)
      close()
      return JSON.parse(readFileSync(join(folder, 'aludel.config.json'), 'utf8'))
    }
    const config = JSON.parse(readFileSync(join(root, 'aludel.config.json'), 'utf8'))
    assert.deepEqual(configOf({ embedded: true }), config)
    assert.deepEqual(configOf({ embedded: false }), { ...config, shadow: { postgres: server } })
  })
})

for (const file of projectDocuments()) {
  const reader = readerOf(file)
  if (reader === undefined || reader.blocks.length === 0) continue

  describe(file, () => {
    /** @type {number | undefined} */
    let failedAt
    after(() => reader.close())

    for (const block of reader.blocks) {
      // The title contains the file, because the log does not show the title of the suite.
      const title = `${file} › runs the block at line ${block.line}`
      test(title, { skip: block.directives.get('skip') ?? false }, async () => {
        // The blocks after a failed one are not run, since they depend on it.
        if (failedAt !== undefined) throw new Error(`not run: the block at line ${failedAt} failed`)
        failedAt = block.line
        await reader.run(block)
        failedAt = undefined
      })
    }
  })
}

/** @param {string} file */
function readerOf(file) {
  try {
    return new Reader(file, readFileSync(join(root, file), 'utf8'), workspaces)
  } catch (error) {
    test(`${file} › can be read`, () => {
      throw error
    })
    return undefined
  }
}
