import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import { alterTable } from './alter-table'
import type { Collector } from './collector'
import { bodyOf, displayParts, type NodeName, partsIn, partsOf, stringsOf } from './nodes'
import { readQuery } from './queries'
import type { Handlers } from './statement'

/** Statements about objects other than tables and rows. */
export const objects: Handlers = {
  AlterTableStmt: alterTable,
  CreateFunctionStmt: ({ is_procedure: isProcedure, funcname }, at) =>
    named(`create ${isProcedure === true ? 'procedure' : 'function'}`, funcname, at),
  CreateSeqStmt: ({ sequence }, at) => at.does(`create sequence ${displayParts(partsIn(sequence))}`),
  // RESTART changes a position, which is not a row.
  AlterSeqStmt: ({ sequence }, at) => at.does(`alter sequence ${displayParts(partsIn(sequence))}`),
  CreateEnumStmt: ({ typeName }, at) => named('create enum', typeName, at),
  AlterEnumStmt: ({ typeName }, at) => named('alter enum', typeName, at),
  CreateDomainStmt: ({ domainname }, at) => named('create domain', domainname, at),
  AlterDomainStmt({ typeName, def, subtype }, at) {
    named('alter domain', typeName, at)
    // A CHECK is computed for all existing values; a default is stored.
    if (subtype === 'C') readQuery(bodyOf(def, 'Constraint')?.raw_expr, at)
  },
  // Its script was installed by the server's administrator, and TypeORM creates extensions when it connects.
  CreateExtensionStmt: ({ extname }, at) => at.does(`create extension ${extname ?? ''}`),
  AlterExtensionStmt({ extname = '' }, at) {
    at.does(`alter extension ${extname}`)
    at.doesUnknown(`runs a script that changes what extension ${extname} has: ALTER EXTENSION … UPDATE`)
  },
  CreateSubscriptionStmt: ({ subname = '' }, at) => replicates(`create subscription ${subname}`, at),
  AlterSubscriptionStmt: ({ subname = '' }, at) => replicates(`alter subscription ${subname}`, at),
  CommentStmt: ({ object }, at) => at.does(`comment on ${displayParts(partsOf(object))}`),
  GrantStmt: ({ is_grant: isGrant }, at) => at.does(isGrant === true ? 'grant' : 'revoke'),
  GrantRoleStmt: ({ is_grant: isGrant }, at) => at.does(isGrant === true ? 'grant' : 'revoke'),
  ...simply(),
}

function named(words: string, name: readonly Node[] | undefined, at: Collector): void {
  at.does(`${words} ${displayParts(stringsOf(name))}`)
}

/** The rows that arrive change and delete rows of this database. */
function replicates(does: string, at: Collector): void {
  at.does(does)
  at.doesUnknown('applies what another server sends')
}

/** Statements that never touch a row: they store a definition, a right or a setting. */
function simply(): Handlers {
  const words: Readonly<Partial<Record<NodeName, string>>> = {
    AlterCollationStmt: 'alter collation',
    AlterDatabaseRefreshCollStmt: 'alter database',
    AlterDatabaseSetStmt: 'alter database',
    AlterDatabaseStmt: 'alter database',
    AlterDefaultPrivilegesStmt: 'alter default privileges',
    AlterEventTrigStmt: 'alter event trigger',
    AlterExtensionContentsStmt: 'alter extension',
    AlterFdwStmt: 'alter foreign data wrapper',
    AlterForeignServerStmt: 'alter server',
    AlterFunctionStmt: 'alter function',
    AlterObjectDependsStmt: 'alter dependency on extension',
    AlterOperatorStmt: 'alter operator',
    AlterOpFamilyStmt: 'alter operator family',
    AlterOwnerStmt: 'alter owner',
    AlterPublicationStmt: 'alter publication',
    AlterRoleSetStmt: 'alter role',
    AlterRoleStmt: 'alter role',
    AlterStatsStmt: 'alter statistics',
    AlterSystemStmt: 'alter system',
    AlterTableMoveAllStmt: 'move to another tablespace',
    AlterTableSpaceOptionsStmt: 'alter tablespace',
    AlterTSConfigurationStmt: 'alter text search configuration',
    AlterTSDictionaryStmt: 'alter text search dictionary',
    AlterTypeStmt: 'alter type',
    AlterUserMappingStmt: 'alter user mapping',
    CompositeTypeStmt: 'create type',
    CreateAmStmt: 'create access method',
    CreateCastStmt: 'create cast',
    CreateConversionStmt: 'create conversion',
    CreatedbStmt: 'create database',
    CreateEventTrigStmt: 'create event trigger',
    CreateFdwStmt: 'create foreign data wrapper',
    CreateForeignServerStmt: 'create server',
    CreateOpClassStmt: 'create operator class',
    CreateOpFamilyStmt: 'create operator family',
    CreatePLangStmt: 'create language',
    CreatePublicationStmt: 'create publication',
    CreateRangeStmt: 'create type',
    CreateRoleStmt: 'create role',
    CreateStatsStmt: 'create statistics',
    CreateTableSpaceStmt: 'create tablespace',
    CreateTransformStmt: 'create transform',
    CreateUserMappingStmt: 'create user mapping',
    DefineStmt: 'create definition',
    DropRoleStmt: 'drop role',
    DropSubscriptionStmt: 'drop subscription',
    DropTableSpaceStmt: 'drop tablespace',
    DropUserMappingStmt: 'drop user mapping',
    ImportForeignSchemaStmt: 'import foreign schema',
    ReassignOwnedStmt: 'reassign owned',
    SecLabelStmt: 'security label',
  }
  return Object.fromEntries(
    Object.entries(words).map(([name, does]) => [name, (_: unknown, at: Collector) => at.does(does)]),
  )
}
