import type { RangeVar } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Found } from '../../finding'
import { bodiesIn, bodyOf, isOn, optionsOf } from '../../../sql/postgres/nodes'
import { nameIn } from '../../postgres/catalog'
import { commandsIn } from '../../postgres/commands'
import { defineRule } from '../../rule'

const inUse =
  'pg_repack does the same while the table is in use. Plain VACUUM makes the space usable again and blocks nobody.'
const swap = 'Do it in a maintenance window, or copy the rows to a new table in batches and swap the tables.'

const commands: Readonly<Record<string, string>> = {
  AT_SetLogged: 'SET LOGGED rewrites',
  AT_SetUnLogged: 'SET UNLOGGED rewrites',
  AT_SetAccessMethod: 'another access method rewrites',
  AT_SetTableSpace: 'another tablespace copies',
}

/** https://www.postgresql.org/docs/current/sql-vacuum.html, https://www.postgresql.org/docs/current/sql-cluster.html */
export const rewriteTable = defineRule({
  id: 'L8',
  name: 'rewrite-table',
  category: 'locks',
  severity: 'error',
  about: 'VACUUM FULL and CLUSTER rewrite the table, and nobody can read or write it until they are done.',
  postgres: {
    statement(subject) {
      const { node, catalog } = subject
      const found = (words: string, relation: RangeVar | undefined): readonly Found[] => {
        const table = nameIn(relation)
        if (relation === undefined)
          return [{ message: `${words} all tables, and nobody can read or write one meanwhile`, help: inUse }]
        return catalog.isNew(table) ? [] : [foundFor(words, table.text, inUse)]
      }
      const vacuum = bodyOf(node, 'VacuumStmt')
      if (vacuum !== undefined && isOn(optionsOf(vacuum.options), 'full')) {
        const tables = bodiesIn(vacuum.rels, 'VacuumRelation').map(({ relation }) => relation)
        return (tables.length === 0 ? [undefined] : tables).flatMap((relation) =>
          found('VACUUM FULL rewrites', relation),
        )
      }
      const cluster = bodyOf(node, 'ClusterStmt')
      if (cluster !== undefined) return found('CLUSTER rewrites', cluster.relation)
      return commandsIn(subject).flatMap(({ table, command: { subtype } }) => {
        const words = commands[subtype ?? '']
        return words === undefined ? [] : [foundFor(words, table.text, swap)]
      })
    },
  },
})

function foundFor(words: string, table: string, help: string): Found {
  return { message: `${words} ${table} while nobody can read or write it`, help, table, grows: true }
}
