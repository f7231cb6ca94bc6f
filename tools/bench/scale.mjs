import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { aludel } from './programs.mjs'
import { environment, root } from '../lib/process.mjs'

/**
 * The cost of a long history: commands on 10,000 revisions, deep (one line) and wide (a thousand branches, merged again and
 * again), compared with the same command on 100. Warm: the read cache contains all files. Cold: there is no read cache.
 *
 * @param {string} folder
 * @param {{ few: number, thousand: number, many: number }} [sizes] numbers of revisions
 * @param {('deep' | 'wide')[]} [shapes]
 * @returns {Promise<import('./measure.mjs').Scenario[]>}
 */
export async function scale(folder, sizes = { few: 100, thousand: 1000, many: 10_000 }, shapes = ['deep', 'wide']) {
  const scenarios = []
  const [fewest, middle, most] = [sizes.few, sizes.thousand, sizes.many].map((size) => size.toLocaleString('en-US'))
  for (const shape of shapes) {
    const [few, many] = [sizes.few, sizes.many].map((count) => {
      const directory = join(folder, `${shape}-${count}`)
      writeHistory(directory, shape, count)
      return directory
    })
    // The cache does not trust recent files: see files/read-cache.ts.
    if (sizes.many > 100) await new Promise((resolve) => setTimeout(resolve, 3000))
    for (const directory of [few, many]) {
      for (let run = 0; run < 2; run++) runOnce(String(directory), ['heads'])
      // As in production, nearly all revisions are applied.
      runOnce(String(directory), ['stamp', 'heads', '--force'])
    }

    const questions = [
      { name: 'current', args: ['current'], cold: false },
      { name: 'current, cold', args: ['current'], cold: true },
      { name: 'heads', args: ['heads'], cold: false },
      { name: 'history -r head-5:head', args: ['history', '-r', 'head-5:head'], cold: false },
    ]
    for (const { name, args, cold } of shape === 'deep' ? questions : questions.slice(0, 2)) {
      scenarios.push({
        name: `${name}, ${most} revisions, ${shape}`,
        ours: { name: `aludel migrate ${args.join(' ')}`, prepare: async () => command(String(many), args, cold) },
        peers: [{ name: `the same on ${fewest} revisions`, prepare: async () => command(String(few), args, cold) }],
      })
    }
    // Ten times as many may take ten times as long.
    const [thousand, all] = [sizes.thousand, sizes.many].map((count) => {
      const directory = join(folder, `${shape}-planned-${count}`)
      writeHistory(directory, shape, count)
      const args = [planHead, directory, String(count)]
      execFileSync(process.execPath, args)
      return { command: process.execPath, args }
    })
    scenarios.push({
      name: `planning upgrade heads, ${most} pending, ${shape}`,
      ours: { name: 'read, graph, plan', prepare: async () => Object(all) },
      peers: [{ name: `the same with ${middle} pending`, prepare: async () => Object(thousand) }],
    })
  }
  return scenarios
}

const planHead = join(root, 'tools', 'bench', 'plan-head.cjs')

/**
 * @param {string} directory
 * @param {string[]} args
 * @param {boolean} cold
 */
function command(directory, args, cold) {
  if (cold) rmSync(join(directory, 'node_modules'), { recursive: true, force: true })
  return aludel(
    'migrate',
    ...args,
    '--config',
    join(directory, 'aludel.config.json'),
    '--database-url',
    `sqlite:///${join(directory, 'x.db')}`,
  )
}

/**
 * @param {string} directory
 * @param {string[]} args
 */
function runOnce(directory, args) {
  const { command: program, args: all } = command(directory, args, false)
  execFileSync(program, all, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment({ DATABASE_URL: undefined, NODE_OPTIONS: undefined }),
    cwd: process.cwd(),
  })
}

/**
 * @param {string} directory
 * @param {'deep' | 'wide'} shape
 * @param {number} count
 */
function writeHistory(directory, shape, count) {
  const revisions = join(directory, 'migrations')
  mkdirSync(revisions, { recursive: true })
  writeFileSync(join(directory, 'aludel.config.json'), '{ "shipped": true, "revisions": "./migrations" }\n')
  const id = (/** @type {number} */ number) => ((number * 2_654_435_761) % 2 ** 32).toString(16).padStart(12, '0')
  // The number of branches that begin at each merge.
  const branches = shape === 'deep' ? 1 : Math.min(1000, count / 10)
  /** @type {string[]} */
  let tips = []
  let trunk = ''
  for (let number = 1; number <= count; number++) {
    const merges = shape === 'deep' || trunk === '' || tips.length === branches
    const parents = merges ? tips : [trunk]
    if (merges) {
      trunk = id(number)
      tips = shape === 'deep' ? [trunk] : []
    } else {
      tips.push(id(number))
    }
    const timestamp = 1_700_000_000_000 + number * 1000
    const down = parents.length === 0 ? 'null' : parents.length === 1 ? `'${parents[0]}'` : JSON.stringify(parents)
    writeFileSync(
      join(revisions, `${timestamp}-step-${number}.ts`),
      `import type { MigrationInterface, QueryRunner } from 'typeorm'

/** step ${number} */
export class Step${number}x${timestamp} implements MigrationInterface {
  static readonly revision = '${id(number)}'
  static readonly downRevision = ${down}

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE "item_${number}" ("id" integer NOT NULL PRIMARY KEY, "name" varchar(100) NOT NULL)')
    await queryRunner.query('CREATE INDEX "ix_item_${number}" ON "item_${number}" ("name")')
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "item_${number}"')
  }
}
`,
    )
  }
}
