/** Reasons why the statements of a revision are not known, which a rule of its own reports. */

const entities =
  /^line (\d+) ((?:uses|calls) (?:\S*?\bmanager\b\S*|\S*\b[gG]et(?:Tree|Mongo|Custom)?Repository\b\S*)|calls [A-Z]\w*\.(\w+))$/

/** The methods of an entity that extends BaseEntity: https://typeorm.io/docs/guides/active-record-data-mapper */
const activeRecord =
  /^(?:find\w*|count\w*|exist\w*|sum|average|maximum|minimum|create|createQueryBuilder|merge|preload|save|insert|upsert|update\w*|delete\w*|remove|recover|softRemove|restore|clear|increment|decrement|query|getRepository)$/

/**
 * What a revision uses of the entities of the application: `uses queryRunner.manager`; undefined if it is something else. The
 * manager's own `query` sends SQL.
 */
export function entityUse(unread: string): { readonly line: string; readonly what: string } | undefined {
  const [, line = '', what = '', method] = entities.exec(unread) ?? []
  if (line === '' || (method !== undefined && !activeRecord.test(method)) || /\bmanager\.query$/.test(what))
    return undefined
  return /^calls (?:Object|Array|Promise|Reflect|Date|JSON|Math)\./.test(what) ? undefined : { line, what }
}

/** A downgrade that throws: its author has declared that there is no way back. */
export function throwsInstead(unread: string): boolean {
  return /^line \d+ throws an error$/.test(unread)
}

/** A method that the class does not have, or inherits. */
export function isMissing(unread: string): boolean {
  return /^(?:up|down)\(\) is not written/.test(unread)
}
