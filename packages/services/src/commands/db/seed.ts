import { Interrupted, RefusedError } from '../../errors'
import type { SeedResult } from '../../seed/seed-database'
import { allEntities, type DataCommand, type DataCommandContext, grouped, plural } from '../command'
import { placeOf } from '../place'
import { countOf, textOf, timeOf } from '../values'

export const command: DataCommand = {
  positionals: [],
  options: {
    rows: { kind: 'text', value: 'N', describe: 'rows of all eight tables together; default 1000' },
    seed: { kind: 'text', value: 'TEXT', describe: 'the same text gives the same rows, on every database; default 1' },
    until: { kind: 'text', value: 'DATE', describe: 'the newest rows are from right before it; default 2026-01-01' },
    append: { kind: 'flag', describe: 'add to a database that has rows, or complete a seed that was stopped' },
  },
  examples: [
    ['db seed --rows 100000', 'fill an empty database for development'],
    ['db seed --rows 500 --seed demo --append', 'other rows, besides those that are there'],
  ],
  async run(values, context) {
    const rows = countOf('rows', values['rows']) ?? 1000
    const [seed, until, append] = [textOf(values['seed']), timeOf('until', values['until']), values['append'] === true]
    refuseProduction(context)
    const result = await context.withDataSource(async (dataSource) => {
      const { name, isLocal } = placeOf(dataSource, context.env)
      if (!isLocal) await agree(context, `Insert ${plural(rows, 'generated row')} into ${name}?`, name)
      context.stopsItself()
      const { seedDatabase } = await import('../../seed/seed-database.js')
      return seedDatabase(dataSource, {
        rows,
        append,
        signal: context.signal,
        ...(seed === undefined ? {} : { seed }),
        ...(until === undefined ? {} : { until }),
        onProgress: ({ table, done, total }) =>
          context.progress(done, total, table, `${grouped(done)}/${plural(total, 'row')}`),
      })
    }, allEntities)
    if (result.aborted !== undefined) throw stopped(result)
    return {
      json: result,
      human: (out) => {
        const inserted = result.tables.filter((table) => table.rows > 0)
        const header = ['table', 'rows'].map((title) => out.colors.dim(title))
        const lines = inserted.map(({ name, ...table }) => [name, grouped(table.rows)])
        out.lines(...context.columns([header, ...lines], ['left', 'right']))
        const already = result.rows - result.inserted
        const before = already === 0 ? '' : `; ${plural(already, 'row was', 'rows were')} there already`
        out.note('', `Inserted ${plural(result.inserted, 'row')} of seed ${result.seed}${before}.`)
      },
    }
  },
}

/** @throws {RefusedError} */
function refuseProduction({ env }: DataCommandContext): void {
  if (env['NODE_ENV'] !== 'production') return
  throw new RefusedError(
    'ALUDEL_PRODUCTION',
    'db seed inserts generated rows, and NODE_ENV is production',
    'Nothing was changed. If this is no production, run it without NODE_ENV.',
  )
}

async function agree(context: DataCommandContext, text: string, database: string): Promise<void> {
  if (await context.confirm({ text })) return
  throw new RefusedError(
    'ALUDEL_CONFIRMATION',
    `${database} is not on this machine, and generated rows for it were not confirmed`,
    'Nothing was changed. Confirm with --yes.',
    { database },
  )
}

function stopped({ aborted, rows, seed, until, ...result }: SeedResult): Interrupted {
  const { table = '', done = 0 } = aborted ?? {}
  const again = `aludel db seed --rows ${String(rows)} --seed ${shellWord(seed)} --until ${until} --append`
  return new Interrupted(
    `stopped in ${table}, after ${grouped(done)} of ${plural(rows, 'row')}`,
    `What was inserted stays. To insert the rest: ${again}`,
    { rows, seed, until, done, ...result },
  )
}

function shellWord(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
