import { applyRenames, findRenameCandidates, type RenameAnswer } from '../../src/difference/renames'
import { displayName, type Schema } from '../../src/schema/schema'

/** Returns all plausible renames, with each name used once. */
export function everyRename(from: Schema, to: Schema): RenameAnswer[] {
  const pick = (schema: Schema, kind: 'table' | 'column'): RenameAnswer[] => {
    const taken = new Set<string>()
    return findRenameCandidates(schema, to).flatMap((candidate) => {
      const keys = [candidate.from, candidate.to].map((name, side) => JSON.stringify([candidate.table, side, name]))
      if (candidate.kind !== kind || keys.some((key) => taken.has(key))) return []
      for (const key of keys) taken.add(key)
      const toTable = to.tables.find((table) => displayName(table) === candidate.to)
      return [{ ...candidate, ...(kind === 'table' && toTable !== undefined ? { toTable } : {}) }]
    })
  }
  const tables = pick(from, 'table')
  return [...tables, ...pick(applyRenames(from, tables).schema, 'column')]
}
