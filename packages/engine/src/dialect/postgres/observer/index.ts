import type { QueryRunner } from 'typeorm'

import { AludelError, isAludelError, messageOf } from '../../../errors'
import type { ObservedObject, Observer, ObserverOptions } from '../../roles/observer'
import { environmentOf, installHelp, programIn, run, toolsFor } from '../backup-tools'
import { quote, shadowPrefix } from '../names'
import { readDump } from './read-dump'

/** Observes databases with the `pg_dump` of the server's version. */
export async function openObserver(queryRunner: QueryRunner, options: ObserverOptions): Promise<Observer> {
  try {
    const folder = await toolsFor(queryRunner, options.tools)
    return { by: 'pg_dump', observe: (runner) => observe(runner, programIn(folder, 'pg_dump'), options) }
  } catch (error) {
    if (!isAludelError(error, 'ALUDEL_BACKUP_TOOLS')) throw error
    const { server } = error.details
    const install = typeof server === 'number' ? `: ${installHelp(server)}` : ''
    return {
      missing: `${error.message}; install the client tools of the server's version${install}, or name their folder with backup.tools`,
    }
  }
}

/** @throws AludelError `ALUDEL_BACKUP_TOOLS` if `pg_dump` fails */
async function observe(
  queryRunner: QueryRunner,
  program: string,
  { ignoreTables }: ObserverOptions,
): Promise<readonly ObservedObject[]> {
  const [row] = (await queryRunner.query('SELECT current_schema() AS schema')) as { readonly schema: string | null }[]
  const schema = row?.schema ?? 'public'
  // A temporary schema that stands for a database has another name each time, and others beside it.
  const isShadow = schema.startsWith(shadowPrefix)
  const only = isShadow ? [`--schema=${quote(schema)}`] : []
  const env = await environmentOf(queryRunner)
  const dump = await run(program, ['--schema-only', '--no-owner', ...only], { env }).catch((cause: unknown) => {
    throw new AludelError('ALUDEL_BACKUP_TOOLS', `pg_dump cannot read the shadow database: ${messageOf(cause)}`, {
      help: 'Verify without --observe, or name another server for shadow databases: shadow.postgres in the configuration.',
      cause,
    })
  })
  const named = isShadow ? dump.replaceAll(schema, 'public') : dump
  return readDump(named, { defaultSchema: isShadow ? 'public' : schema, ignoreTables })
}
