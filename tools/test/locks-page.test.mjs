// Tests the page about locks and its data. The data itself is measured again by packages/engine/test/sql/postgres-ddl.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { joinVersions, readData, resultsOf } from '../docs/locks/data.mjs'
import { lockPage, pageFile } from '../docs/locks/page.mjs'
import { bundledServer, olderServers } from '../lib/older-servers.mjs'

describe('the page about locks', () => {
  test('is what node tools/docs/ddl-locks.mjs --page writes', async () => {
    assert.equal(readFileSync(pageFile, 'utf8'), await lockPage(readData()))
  })

  test('covers every supported version', () => {
    assert.deepEqual(Object.keys(readData().servers), [...Object.keys(olderServers), String(bundledServer)])
  })

  test('has results of every form up to the newest version, without a gap', () => {
    const gaps = readData()
      .groups.flatMap(({ forms }) => forms)
      .filter((form) => {
        const versions = resultsOf(form).map(([version]) => version)
        return (
          versions.at(-1) !== bundledServer || versions.some((version, index) => version !== (versions[0] ?? 0) + index)
        )
      })
    assert.deepEqual(gaps, [])
  })

  test('names locks on other tables, the versions of a difference, and a statement outside a transaction', async () => {
    const form = {
      title: 'do it',
      sql: 'DO IT',
      table: 'items',
      outside: true,
      measured: joinVersions([
        [13, { locks: ['SHARE items'] }],
        [14, { locks: ['SHARE items'] }],
        [
          15,
          {
            locks: ['ACCESS EXCLUSIVE index items_pkey', 'ACCESS EXCLUSIVE owners', 'SHARE ROW EXCLUSIVE items'],
            rewrites: ['items'],
            rebuilds: ['items_pkey'],
            scans: ['items', 'owners'],
          },
        ],
      ]),
    }
    const page = await lockPage({
      servers: { 13: '13.1', 14: '14.1', 15: '15.1' },
      groups: [{ title: 'Things', forms: [form] }],
    })
    const rows = page
      .slice(page.indexOf('## Things'), page.indexOf('## How it was'))
      .split('\n')
      .filter((line) => /^\| (?:do|…)/.test(line))
    assert.deepEqual(
      rows.map((row) => row.replace(/ +/g, ' ')),
      [
        '| do it \\*<br>`DO IT` | `SHARE ROW EXCLUSIVE` | `ACCESS EXCLUSIVE` on `owners` and the index `items_pkey` | yes | yes, `owners` | all | from 15 |',
        '| … the same | `SHARE` | | | | | 13 to 14 |',
      ],
    )
  })
})
