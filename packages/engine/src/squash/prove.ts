import type { QueryRunner } from 'typeorm'

import type { MigratorContext } from '../project/context'
import { inRevision, replay } from '../shadow/replay'
import type { Dialect } from '../dialect/dialect'
import type { Statement } from '../dialect/roles/ddl'
import { AludelError } from '../errors'
import type { RevisionBody } from '../files/render'
import { describeOperation } from '../operations'
import { readRows } from '../proof/rows'
import { createMetadataTable } from '../execution/metadata-table'
import { compare } from '../difference/compare'
import { withoutExtraExtensions } from '../schema/extensions'
import { displayName, type Schema } from '../schema/schema'
import type { Members } from './members'
import { type Ends, putSamples, type Rows } from './replay-members'

/** How the results of the squash differ from those of the revisions, in words. It is proved if there are none. */
export interface Differences {
  readonly schema: readonly string[]
  readonly rows: readonly string[]
}

/**
 * Runs the squash up, down and up on a new shadow database, and compares the schema and every row with the results of the
 * revisions.
 *
 * @param way the results of the revisions, with the same samples
 * @throws AludelError `ALUDEL_PROOF` when the squash does not run
 */
export async function proveSquash(
  context: MigratorContext,
  dialect: Dialect,
  members: Members,
  way: Ends,
  body: RevisionBody,
  { samples }: { readonly samples: boolean },
): Promise<Differences> {
  const ignoreTables = await context.connection.ignoreTables()
  const shadows = await context.shadows()
  return shadows.withRunner(dialect, async (runner) => {
    const read = (): Promise<Schema> => dialect.introspection.read(runner, { ignoreTables })
    const differs = async (wanted: Schema, when: string): Promise<string[]> =>
      compare(withoutExtraExtensions(await read(), wanted), wanted, { unmanaged: context.ignored }).map(
        (operation) => `${when}: ${describeOperation(operation)}`,
      )
    await replay(dialect, runner, members.below, 'upgrade', context.revisions.loadToReplay)
    await createMetadataTable(runner)
    if (samples) await putSamples(dialect, runner, way.from)
    const before = await readRows(dialect, runner, way.from.tables)
    await run(dialect, runner, 'up', body.up)
    const schema = await differs(way.to, 'after up')
    if (schema.length > 0) return { schema, rows: [] }
    const rows = differentRows(way.rows.after, await readRows(dialect, runner, way.to.tables), [
      ...unlike(way.rows.before, before),
    ])
    await run(dialect, runner, 'down', body.down)
    schema.push(...(await differs(way.from, 'after down')))
    if (schema.length > 0) return { schema, rows }
    rows.push(...lostOnDowngrade(way, await readRows(dialect, runner, way.from.tables)))
    await run(dialect, runner, 'up', body.up)
    schema.push(...(await differs(way.to, 'after the second up')))
    return { schema, rows }
  })
}

async function run(
  dialect: Dialect,
  runner: QueryRunner,
  direction: 'up' | 'down',
  statements: readonly Statement[],
): Promise<void> {
  let current: Statement | undefined
  try {
    await inRevision(dialect, runner, true, async () => {
      for (const statement of statements) {
        current = statement
        await runner.query(statement.sql)
      }
    })
  } catch (cause) {
    throw new AludelError(
      'ALUDEL_PROOF',
      `the ${direction} statements of the squash do not run on ${dialect.name}: ${dialect.errors.textOf(cause)}`,
      {
        help: [...(current === undefined ? [] : [`Statement: ${current.sql}`]), 'Nothing was written.'].join('\n'),
        details: { dialect: dialect.name, direction, statement: current?.sql },
        cause,
      },
    )
  }
}

/** If the revisions keep all rows of a table, the downgrade must keep them, too. */
function lostOnDowngrade({ rows: { before, after } }: Ends, back: Rows): string[] {
  return [...before].flatMap(([key, { table, rows }]) => {
    const [stayed, now] = [after.get(key)?.rows.length, back.get(key)?.rows.length ?? 0]
    return stayed === rows.length && now !== stayed
      ? [`after down, ${displayName(table)} has ${String(now)} rows instead of ${String(stayed)}`]
      : []
  })
}

/** `table column` whose values differ between two databases with the same samples. */
function* unlike(one: Rows, other: Rows): Generator<string> {
  for (const [key, { columns, rows }] of one) {
    const twin = other.get(key)
    for (const [index, column] of columns.entries()) {
      const values = (list: readonly (readonly (string | null)[])[] = []): string =>
        JSON.stringify(list.map((row) => row[index] ?? null).sort())
      if (values(rows) !== values(twin?.rows)) yield `${key} ${column}`
    }
  }
}

/** @param ignored `table column` */
function differentRows(wanted: Rows, found: Rows, ignored: readonly string[]): string[] {
  const differences: string[] = []
  for (const [key, { table, columns, rows }] of wanted) {
    const others = found.get(key)
    const name = displayName(table)
    if (others?.rows.length !== rows.length) {
      differences.push(`${name} has ${String(others?.rows.length ?? 0)} rows instead of ${String(rows.length)}`)
      continue
    }
    const places = columns.flatMap((column, index) => (ignored.includes(`${key} ${column}`) ? [] : [index]))
    const texts = (list: readonly (readonly (string | null)[])[]): string[] =>
      list.map((row) => JSON.stringify(places.map((index) => steady(row[index] ?? null)))).sort()
    const [ours, theirs] = [texts(others.rows), texts(rows)]
    const odd = theirs.find((text, index) => text !== ours[index])
    if (odd !== undefined)
      differences.push(`${name}: ${odd} became ${ours.find((text) => !theirs.includes(text)) ?? '?'}`)
  }
  return differences
}

/** A recent time is when the statement ran, and differs between two runs. */
function steady(value: string | null): string | null {
  if (value === null || !/^\d{4}-\d\d-\d\d/.test(value)) return value
  const time = Date.parse(/[Zz]|[+-]\d\d(?::?\d\d)?$/.test(value) ? value : `${value.replace(' ', 'T')}Z`)
  return Math.abs(Date.now() - time) < 86_400_000 ? 'now' : value
}
