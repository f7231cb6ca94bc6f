import { AludelError } from '../../../errors'
import type { ReplaceFunction } from '../../../operations/operation'
import { displayName, type ObjectName, type Partition, type Policy, type Routine } from '../../../schema/schema'
import { quote, quoteName } from '../names'

/** Statements for objects that are created from the text in the catalog. */

export function dropRoutine(routine: Routine): string {
  const signature = routine.name.slice(routine.routine.length)
  const name = quoteName({ ...routine, name: routine.routine })
  return `DROP ${routine.kind.toUpperCase()} ${name}${signature}`
}

/** Replaces a routine in place where the server allows it: with the same kind, arguments and result. */
export function replaceRoutine({ from, to }: ReplaceFunction): string[] {
  return from.kind === to.kind && headOf(from) === headOf(to) ? [to.sql] : [dropRoutine(from), to.sql]
}

/** The text up to LANGUAGE: name, arguments with their names and defaults, result. */
function headOf({ sql }: Routine): string {
  return sql.split(/^ LANGUAGE /m)[0] ?? ''
}

export function createPolicy(table: ObjectName, policy: Policy): string {
  const { name, permissive, command, roles, using, check } = policy
  return [
    `CREATE POLICY ${quote(name)} ON ${quoteName(table)}`,
    ...(permissive ? [] : ['AS RESTRICTIVE']),
    ...(command === 'ALL' ? [] : [`FOR ${command}`]),
    ...(roles.length === 1 && roles[0] === 'public' ? [] : [`TO ${roles.map(roleName).join(', ')}`]),
    ...(using === undefined ? [] : [`USING (${using})`]),
    ...(check === undefined ? [] : [`WITH CHECK (${check})`]),
  ].join(' ')
}

export function dropPolicy(table: ObjectName, { name }: Policy): string {
  return `DROP POLICY ${quote(name)} ON ${quoteName(table)}`
}

export function dropTrigger(table: ObjectName, { name }: { readonly name: string }): string {
  return `DROP TRIGGER ${quote(name)} ON ${quoteName(table)}`
}

function roleName(role: string): string {
  return role === 'public' ? 'PUBLIC' : quote(role)
}

export function createPartition(table: ObjectName, partition: Partition): string {
  const { of: parent = table, bound, partitionBy } = partition
  return [
    `CREATE TABLE ${quoteName(partition)} PARTITION OF ${quoteName(parent)} ${bound}`,
    ...(partitionBy === undefined ? [] : [`PARTITION BY ${partitionBy}`]),
  ].join(' ')
}

/** @throws AludelError `ALUDEL_OPERATION` when the partition itself would be partitioned in another way */
export function replacePartition(table: ObjectName, from: Partition, to: Partition): string[] {
  if (from.partitionBy !== to.partitionBy) throw repartitioned(to)
  return [
    `ALTER TABLE ${quoteName(from.of ?? table)} DETACH PARTITION ${quoteName(from)}`,
    `ALTER TABLE ${quoteName(to.of ?? table)} ATTACH PARTITION ${quoteName(to)} ${to.bound}`,
  ]
}

export function repartitioned(table: ObjectName): AludelError {
  return new AludelError('ALUDEL_OPERATION', `PostgreSQL cannot change how ${displayName(table)} is partitioned`, {
    help: 'Create a new table, copy the rows and rename it, in a revision written by hand: `aludel migrate create "…" --no-autogenerate`.',
  })
}
