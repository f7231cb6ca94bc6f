/** The registry of what is kept. */
export const registryName = 'aludel_kept'

/** The table of an entry. */
export function keptName(id: number): string {
  return `${registryName}_${String(id)}`
}

/** True for the registry and for the tables of its entries: no schema contains them. */
export function isKept(table: string): boolean {
  return /^aludel_kept(?:_\d+)?$/i.test(table)
}
