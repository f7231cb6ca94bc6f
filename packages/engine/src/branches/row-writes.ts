import type { Dialect } from '../dialect/dialect'
import { writtenStatements } from '../execution/written'
import type { Revision } from '../revision/revision'

/** Statements that change rows, by what they do. A rebuild of a table copies its rows, and changes none. */
const changes = /^(?:insert into|replace into|update|delete from|merge into|copy into|truncate) (?!aludel_new_)/

/**
 * Whether the upgrade of a revision changes rows, or may: statements that are known only when they run, and those whose effects
 * are unknown, count.
 */
export async function writesRows(dialect: Dialect, revision: Revision): Promise<boolean> {
  const [driver = dialect.name] = dialect.connection.driverTypes
  const written = await writtenStatements(revision, 'upgrade', dialect, driver)
  if ('unread' in written) return true
  const reader = await dialect.sql.readEffects()
  return written.statements.some((sql) => {
    const { does, unknown } = reader.read(sql)
    return unknown !== null || does.split('; ').some((one) => changes.test(one))
  })
}
