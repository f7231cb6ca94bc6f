import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/process.mjs'

/** The ids of the revisions: the second destroys what the first has made, the third fails. */
export const [first, second, third] = /** @type {const} */ (['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'])
/** The id of a revision after the first, on a branch of its own, whose downgrade brings back what it drops. */
export const dropping = 'dddddddddddd'

/**
 * A project in a temporary folder, with four revisions: one that creates, one that destroys, one that fails, and one that drops what
 * its downgrade creates again.
 *
 * @param {object} project
 * @param {object} project.dataSource options of its DataSource
 * @param {readonly string[]} project.creates statements
 * @param {readonly string[]} project.destroys statements
 * @param {{ readonly up: readonly string[], readonly down: readonly string[] }} project.drops statements
 * @returns {string} the folder
 */
export function writeProject({ dataSource, creates, destroys, drops }) {
  const folder = mkdtempSync(join(tmpdir(), 'aludel-drill-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'migrations'))
  const options = JSON.stringify({ entities: [], ...dataSource })
  writeFileSync(
    join(folder, 'data-source.js'),
    `const { DataSource } = require('typeorm')
const options = ${options}
// Another server, in the part of the drill about versions.
if (process.env.DRILL_URL) options.url = process.env.DRILL_URL
module.exports = new DataSource(options)\n`,
  )
  writeFileSync(
    join(folder, 'aludel.config.json'),
    JSON.stringify({ dataSource: 'data-source.js', revisions: ['migrations'] }),
  )
  const files = /** @type {const} */ ([
    ['Creates', first, null, { up: creates, down: [] }],
    ['Destroys', second, first, { up: destroys, down: [] }],
    ['Fails', third, second, { up: ['INSERT INTO there_is_no_such_table VALUES (1)'], down: [] }],
    ['Drops', dropping, first, drops],
  ])
  for (const [index, [name, id, down, statements]] of files.entries()) {
    writeFileSync(
      join(folder, 'migrations', `170000000000${index}-${name.toLowerCase()}.js`),
      revision(name, index, id, down, statements),
    )
  }
  return folder
}

/**
 * @param {string} name
 * @param {number} index
 * @param {string} id
 * @param {string | null} parent
 * @param {{ readonly up: readonly string[], readonly down: readonly string[] }} statements
 */
function revision(name, index, id, parent, { up, down }) {
  const calls = (/** @type {readonly string[]} */ list) =>
    list.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})\n`).join('')
  return `/** ${name} */
exports.${name}170000000000${index} = class ${name}170000000000${index} {
  static revision = '${id}'
  static downRevision = ${parent === null ? 'null' : `'${parent}'`}
  async up(queryRunner) {
${calls(up)}  }
  async down(queryRunner) {
${calls(down)}  }
}
`
}
