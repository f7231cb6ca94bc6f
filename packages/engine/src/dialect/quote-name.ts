import type { Dialect } from './dialect'
import type { ObjectName } from '../schema/schema'

/** A possibly schema-qualified name, quoted for the dialect. */
export function quoteName(dialect: Dialect, name: ObjectName): string {
  const quoted = dialect.sql.quote(name.name)
  return name.schema === undefined ? quoted : `${dialect.sql.quote(name.schema)}.${quoted}`
}
