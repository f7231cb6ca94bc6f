/**
 * The order of a revision: what is in the way is dropped, then renames, what is new, what changes, what is no longer
 * wanted, and back what was in the way. It runs line by line. Inside a line operations are grouped by table, and those on
 * one table follow the order of the line.
 */
export const phases = [
  ['createSchema'],
  ['createExtension'],
  ['dropView'],
  ['renameTable'],
  ['renameColumn'],
  ['renameValue'],
  ['renameEnum'],
  ['dropTrigger', 'dropPolicy'],
  // Before the column of a sequence is dropped, which would take the sequence along.
  ['disownSequence'],
  ['dropForeignKey'],
  ['dropIndex', 'dropUnique', 'dropCheck', 'dropExclusion', 'dropPrimaryKey'],
  ['dropPartition'],
  // Tables that have a name which something else takes.
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

/** When an operation runs among those of a revision. */
export type Phase = (typeof phases)[number][number]

const places: ReadonlyMap<string, readonly [line: number, place: number]> = new Map(
  phases.flatMap((line, at) => line.map((phase, place) => [phase, [at, place] as const] as const)),
)

/** The line of a phase in `phases`, and its place in this line. */
export function placeOf(phase: Phase): readonly [line: number, place: number] {
  return places.get(phase) ?? [phases.length, 0]
}
