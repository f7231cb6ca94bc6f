/**
 * The order of operations in a revision: drop what blocks other operations, rename, create, change, drop, and recreate
 * what blocked. Phases run line by line. Within a line, operations are grouped by table, and those on one table run in
 * the order of the line.
 */
export const phases = [
  ['createSchema'],
  ['createExtension'],
  ['dropView'],
  // Those of tables and columns that are renamed: their texts have the names of before.
  ['dropTriggerFirst'],
  ['renameTable'],
  ['renameColumn'],
  ['renameValue'],
  ['renameEnum'],
  ['dropTrigger', 'dropPolicy'],
  // Before the column of a sequence is dropped, which would drop the sequence too.
  ['disownSequence'],
  ['dropForeignKey'],
  ['dropIndex', 'dropUnique', 'dropCheck', 'dropExclusion', 'dropPrimaryKey'],
  ['dropPartition'],
  // Tables whose name something else takes.
  ['dropIndexOfEarlyTable', 'dropTableEarly'],
  ['renameConstraint'],
  ['mapValue'],
  ['createEnum'],
  ['createSequence'],
  // Before tables, whose defaults and checks may call them.
  ['createDomain', 'createFunction'],
  ['createTable', 'createIndexOfNewTable', 'createPartitionOfNewTable'],
  ['createFunctionThatReadsTables'],
  // Generated columns are created after the columns they read, and dropped before them.
  [
    'alterTable',
    'dropGeneratedColumn',
    'addColumn',
    'alterGeneratedColumn',
    'alterColumn',
    'alterColumnToGenerated',
    'dropColumn',
    'addGeneratedColumn',
  ],
  ['ownSequence'],
  ['addPrimaryKey', 'addUnique', 'addCheck', 'addExclusion', 'createIndex', 'createPartition'],
  ['addForeignKey'],
  ['dropIndexOfTable', 'dropTable'],
  ['dropFunction', 'dropDomain'],
  ['dropEnum'],
  ['dropSequence'],
  ['createView'],
  ['createPolicy', 'createTrigger'],
  ['dropExtension'],
  ['dropSchema'],
] as const

/** The place of an operation in the order of a revision. */
export type Phase = (typeof phases)[number][number]

const places: ReadonlyMap<string, readonly [line: number, place: number]> = new Map(
  phases.flatMap((line, at) => line.map((phase, place) => [phase, [at, place] as const] as const)),
)

/** The line of the phase in `phases`, and its place in that line. */
export function placeOf(phase: Phase): readonly [line: number, place: number] {
  return places.get(phase) ?? [phases.length, 0]
}
