/** The registry of what is kept. */
export const registryName = 'aludel_kept'

/** See `KeepingRole`. */
export const keptRegistry = {
  registry: registryName,
  registryExists: `EXISTS (SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = '${registryName}')`,
} as const

/** The table of an entry. */
export function keptName(id: number): string {
  return `${registryName}_${String(id)}`
}

/** True for the registry and for the tables of its entries: no schema contains them. */
export function isKept(table: string): boolean {
  return /^aludel_kept(?:_\d+)?$/i.test(table)
}
