import type { NameJson } from '@aludel/engine'

const kinds: Readonly<Record<NameJson['kind'], string>> = {
  primaryKey: 'primary key',
  unique: 'unique',
  check: 'check',
  exclusion: 'exclusion',
  foreignKey: 'foreign key',
  index: 'index',
}

/** A line for each constraint or index whose name TypeORM derives differently. */
export function nameLines(names: readonly NameJson[]): string[] {
  return names.map(
    ({ table, kind, database, entity }) =>
      `  ${table}: ${kinds[kind]} ${database ?? '(no name)'}, TypeORM derives ${entity}`,
  )
}
