import {
  beside,
  displayName,
  findTable,
  type Index,
  type ObjectName,
  type Partition,
  sameName,
  type Schema,
} from '../../../schema/schema'
import { doStatement, text } from '../literal'
import { quoteName } from '../names'
import { createIndex, dropIndex } from './index-statement'

/** {@link createIndex}, for a table that may be partitioned. */
export function createIndexIn(schema: Schema, table: ObjectName, index: Index): string[] {
  const owner = findTable(schema, table)
  if (index.concurrent !== true || owner?.partitionBy === undefined) return createIndex(table, index)
  return onPartitions(table, index, owner.partitions ?? [])
}

/** {@link dropIndex}, for a table that may be partitioned: the server refuses CONCURRENTLY there. */
export function dropIndexIn(schema: Schema, table: ObjectName, index: Index): string {
  const isPartitioned = findTable(schema, table)?.partitionBy !== undefined
  return dropIndex(table, isPartitioned ? { ...index, concurrent: undefined } : index)
}

/**
 * Creates an index of a partitioned table without blocking writes. The server has no single statement for it: the index is
 * created on the parent alone, where it is not valid yet, and concurrently on each partition; with the last one that is
 * attached it becomes valid.
 * https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
 */
function onPartitions(table: ObjectName, index: Index, partitions: readonly Partition[]): string[] {
  const plain: Index = { ...index, concurrent: undefined }
  const onPart: Index = { ...index, comment: undefined }
  const nameOn = (relation: ObjectName): string => {
    const place = partitions.findIndex((partition) => sameName(partition, relation))
    return place < 0 ? index.name : partName(index.name, relation, place)
  }
  const built = partitions.flatMap((partition) => {
    const named = { ...onPart, name: nameOn(partition) }
    return partition.partitionBy === undefined
      ? createIndex(partition, named)
      : createIndex(partition, { ...named, concurrent: undefined }, 'only')
  })
  // A partition of a partition first, so that the index of its parent is complete when that is attached.
  const attached = partitions.toReversed().map((partition) => {
    const parent = partition.of ?? table
    const part = quoteName(beside(partition, nameOn(partition)))
    return `ALTER INDEX ${quoteName(beside(parent, nameOn(parent)))} ATTACH PARTITION ${part}`
  })
  return [refuseOthers(table, index, partitions), ...createIndex(table, plain, 'only'), ...built, ...attached]
}

/** A name for the index of a partition, of at most 63 bytes: https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
function partName(index: string, { name }: ObjectName, place: number): string {
  const full = `${index}_${name}`
  if (Buffer.byteLength(full) <= 63) return full
  const end = `_${String(place + 1)}`
  let stem = index
  while (Buffer.byteLength(stem + end) > 63) stem = [...stem].slice(0, -1).join('')
  return stem + end
}

/** A statement that fails while the table has partitions that no revision creates: the index would stay invalid. */
function refuseOthers(table: ObjectName, index: Index, partitions: readonly Partition[]): string {
  const known = partitions.map((partition) => `to_regclass(${text(quoteName(partition))})`).join(', ')
  return doStatement(
    [
      'DECLARE others text; BEGIN',
      "  SELECT string_agg(relid::text, ', ') INTO others",
      `  FROM pg_partition_tree(${text(quoteName(table))})`,
      `  WHERE level > 0 AND relid <> ALL (array_remove(ARRAY[${known}]::regclass[], NULL));`,
      '  IF others IS NOT NULL THEN',
      `    RAISE EXCEPTION ${text(`no revision creates these partitions of ${displayName(table)}, so ${index.name} cannot be built concurrently: %`.replaceAll(/%(?!$)/g, '%%'))}, others`,
      "      USING HINT = 'Nothing was changed. Take `concurrent` off the index, or create it on these partitions in this revision as well.';",
      '  END IF;',
      'END',
    ].join('\n'),
  )
}
