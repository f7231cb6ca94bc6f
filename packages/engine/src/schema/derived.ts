import type { ObjectName } from './schema'

/** True for a name of a constraint or index that no entity gives: TypeORM derived it from table, columns and expression. */
export type IsDerived = (table: ObjectName, name: string) => boolean
