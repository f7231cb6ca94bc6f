import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/process.mjs'

/** The ids of the revisions: the second destroys what the first has made. */
export const [first, second, third] = /** @type {const} */ (['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'])

/**
 * A project in a temporary folder, with three revisions: one that creates, one that destroys, one that fails.
 *
 * @param {object} project
 * @param {object} project.dataSource options of its DataSource
 * @param {readonly string[]} project.creates statements
 * @param {readonly string[]} project.destroys statements
 * @returns {string} the folder
 */
export function writeProject({ dataSource, creates, destroys }) {
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
    ['Creates', first, null, creates],
    ['Destroys', second, first, destroys],
    ['Fails', third, second, ['INSERT INTO there_is_no_such_table VALUES (1)']],
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
 * @param {string | null} down
 * @param {readonly string[]} statements
 */
function revision(name, index, id, down, statements) {
  return `/** ${name} */
exports.${name}170000000000${index} = class ${name}170000000000${index} {
  static revision = '${id}'
  static downRevision = ${down === null ? 'null' : `'${down}'`}
  async up(queryRunner) {
${statements.map((sql) => `    await queryRunner.query(${JSON.stringify(sql)})`).join('\n')}
  }
  async down() {}
}
`
}
