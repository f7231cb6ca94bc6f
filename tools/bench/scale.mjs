import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finish } from './measure.mjs'
import { once } from './once.mjs'
import { aludel, script } from './programs.mjs'

/** @typedef {import('./measure.mjs').Command} Command */
/** @typedef {import('./measure.mjs').Scenario} Scenario */

/**
 * The cost of a long history: commands on many revisions, deep (one line) and wide (a thousand branches, merged again and
 * again), compared with the same command on few. Warm: the read cache contains all files. Cold: there is no read cache.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @returns {Scenario[]}
 */
export function scale(setting) {
  const shapes = /** @type {const} */ (['deep', 'wide'])
  return shapes.flatMap((shape) => [...questions(setting, shape), planning(setting, shape)])
}

/**
 * @param {import('./setting.mjs').Setting} setting
 * @param {'deep' | 'wide'} shape
 * @returns {Scenario[]}
 */
function questions(setting, shape) {
  const { sizes, folder, say } = setting
  const ready = once(async () => {
    say(`${shape} histories of ${text(sizes.few)} and ${text(sizes.many)} revisions`)
    const histories = [sizes.few, sizes.many].map((count) => {
      const directory = folder(shape)
      writeHistory(directory, shape, count)
      return directory
    })
    await setting.warm(async () => {
      for (const directory of histories) {
        for (let run = 0; run < 2; run++) await finish('aludel migrate heads', command(directory, ['heads'], false))
      }
    })
    // As in production, nearly all revisions are applied.
    for (const directory of histories) {
      await finish('aludel migrate stamp', command(directory, ['stamp', 'heads', '--force'], false))
    }
    return histories
  })
  const all = [
    { name: 'current', args: ['current'], cold: false },
    { name: 'current, cold', args: ['current'], cold: true },
    { name: 'heads', args: ['heads'], cold: false },
    { name: 'history -r head-5:head', args: ['history', '-r', 'head-5:head'], cold: false },
  ]
  return (shape === 'deep' ? all : all.slice(0, 2)).map(({ name, args, cold }) => ({
    name: `${name}, ${text(sizes.many)} revisions, ${shape}`,
    open: async () => {
      const [few = '', many = ''] = await ready()
      return {
        ours: { name: `aludel migrate ${args.join(' ')}`, prepare: async () => command(many, args, cold) },
        peers: [{ name: `the same on ${text(sizes.few)} revisions`, prepare: async () => command(few, args, cold) }],
      }
    },
  }))
}

/**
 * Ten times as many may take ten times as long.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @param {'deep' | 'wide'} shape
 * @returns {Scenario}
 */
function planning({ sizes, folder }, shape) {
  return {
    name: `planning ${text(sizes.many)} pending, ${shape}`,
    open: async () => {
      const planOf = async (/** @type {number} */ count) => {
        const directory = folder(shape)
        writeHistory(directory, shape, count)
        const plan = script('plan-head.cjs', directory, String(count))
        await finish('plan-head.cjs', plan)
        return { name: `the same of ${text(count)}`, prepare: async () => plan }
      }
      return {
        ours: await planOf(sizes.many),
        peers: [{ ...(await planOf(sizes.revisions)), rows: [{ factor: sizes.many / sizes.revisions }] }],
      }
    },
  }
}

/** @param {number} count */
const text = (count) => count.toLocaleString('en-US')

/**
 * @param {string} directory
 * @param {string[]} args
 * @param {boolean} cold without the read cache
 * @returns {Command}
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
