import { createRegistryTable } from '../../kept-registry'
import type { KeepingRole } from '../../roles/keeping'
import { quote, quoteText } from '../quote'
import { registryName } from './names'

/** The registry is asked about more often than something is kept. */
/* eslint-disable @typescript-eslint/no-require-imports */
const lazy = {
  survey: () => require('./survey') as typeof import('./survey'),
  setAside: () => require('./set-aside') as typeof import('./set-aside'),
  giveBack: () => require('./give-back') as typeof import('./give-back'),
} as const
/* eslint-enable @typescript-eslint/no-require-imports */

/** Keeps what revisions drop in tables with the prefix `aludel_kept_`. */
export const keeping: Omit<KeepingRole, 'registry' | 'registryExists'> = {
  createRegistry: () => [
    createRegistryTable(quote(registryName), {
      id: 'integer PRIMARY KEY AUTOINCREMENT NOT NULL',
      count: 'integer',
      time: 'datetime',
    }),
  ],

  dropRegistry: () => [`DROP TABLE IF EXISTS ${quote(registryName)}`],

  // AUTOINCREMENT never repeats a number, also one of a row that is gone.
  nextId: async (database) => {
    const [row] = (await database.query(
      `SELECT max(coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = ${quoteText(registryName)}), 0), coalesce((SELECT max(id) FROM ${quote(registryName)}), 0)) + 1 AS "id"`,
    )) as { id: number }[]
    return row?.id ?? 1
  },

  survey: (database, steps) => lazy.survey().survey(database, steps),
  setAside: (session, step) => new (lazy.setAside().SetAside)(session, step),
  foresee: (database, steps) => lazy.survey().foresee(database, steps),
  giveBack: (session, step, entries) => new (lazy.giveBack().GiveBack)(session, step, entries),
  discard: async (database, { place }) => {
    await database.query(`DROP TABLE IF EXISTS main.${quote(place)}`)
  },
}
