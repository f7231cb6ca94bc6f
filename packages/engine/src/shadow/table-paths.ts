import type { DataSource } from 'typeorm'

import { replaceMethod } from '../dialect/replace-method'

/** What TypeORM's schema builders have, but do not declare as public. */
interface PathBuilder {
  getTablePath?: (target: Target) => string
}

/** A table, a foreign key or the metadata of an entity: what its path is made of. */
interface Target {
  readonly name?: string
  readonly schema?: string
  readonly database?: string
  readonly referencedTableName?: string
  readonly tableName?: string
}

/**
 * Makes schema sync compute the path of a table or an entity once, until the returned function is called. In each of a dozen
 * steps, it compares every entity with every table and computes both paths anew, which is most of its work.
 */
export function rememberTablePaths(driver: DataSource['driver']): () => void {
  const create = driver.createSchemaBuilder.bind(driver)
  return replaceMethod(driver, 'createSchemaBuilder', () => {
    const builder = create()
    const { getTablePath } = builder as PathBuilder
    if (typeof getTablePath === 'function')
      replaceMethod(builder, 'getTablePath', remembering(getTablePath.bind(builder)))
    return builder
  })
}

function remembering(pathOf: (target: Target) => string): (target: Target) => string {
  const known = new WeakMap<Target, { readonly of: Target; readonly path: string }>()
  return (target) => {
    const found = known.get(target)
    if (found !== undefined && isSame(found.of, target)) return found.path
    const { name, schema, database, referencedTableName, tableName } = target
    const path = pathOf(target)
    known.set(target, { of: { name, schema, database, referencedTableName, tableName }, path })
    return path
  }
}

/** False for a table that was renamed since. */
function isSame(a: Target, b: Target): boolean {
  return (
    a.name === b.name &&
    a.tableName === b.tableName &&
    a.referencedTableName === b.referencedTableName &&
    a.schema === b.schema &&
    a.database === b.database
  )
}
