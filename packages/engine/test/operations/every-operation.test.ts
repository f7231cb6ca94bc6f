import { applyOperation, phaseOf, reverseOperation } from '../../src/operations'
import type { Operation, OperationName, OperationOf } from '../../src/operations/operation'
import { phases } from '../../src/operations/phase'
import { normalizeSchema } from '../support/normalize-schema'
import type { Domain, Partition, Policy, Routine, Schema, Trigger } from '../../src/schema/schema'
import { column, foreignKey, index, schema, table, view } from '../support/build-schema'
import { sequence } from '../support/users-schema'

const books = { name: 'books' }
const notes = { name: 'notes' }
const mood = { name: 'mood', values: ['ok', 'bad'] }
const readers = view('readers', ['books'], 'SELECT id FROM books')
const isbn: Domain = { name: 'isbn', sql: 'CREATE DOMAIN isbn AS text' }
const touch: Routine = { name: 'touch()', kind: 'function', routine: 'touch', sql: 'CREATE FUNCTION …', dependsOn: [] }
const log: Trigger = { name: 'log', sql: 'CREATE TRIGGER log AFTER INSERT ON books EXECUTE FUNCTION touch()' }
const own: Policy = { name: 'own', permissive: true, command: 'ALL', roles: ['public'], using: 'true' }
const old: Partition = { name: 'books_old', bound: "FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')" }

const primaryKey = { name: 'pk_books', columns: ['id'] }
const unique = { name: 'uq_title', columns: ['title'] }
const check = { name: 'ck_title', expression: "title <> ''" }
const exclusion = { name: 'ex_title', definition: 'USING gist (title WITH =)' }
const toBooks = foreignKey('fk_book', ['book'], { name: 'books', columns: ['id'] })
const byTitle = index('ix_title', ['title'])
const state = column('state', { type: '"mood"', enum: { name: 'mood' } })

/** A schema with one object of each kind, and one table without references to it. */
const full: Schema = schema({
  schemas: ['audit'],
  extensions: ['citext'],
  enums: [mood, { name: 'unused', values: ['a'] }],
  domains: [isbn],
  functions: [touch],
  sequences: [sequence('ticket')],
  tables: [
    table('books', ['id', column('title', { type: 'text' }), 'free', state], {
      primaryKey,
      uniques: [unique],
      checks: [check],
      exclusions: [exclusion],
      indexes: [byTitle],
      triggers: [log],
      policies: [own],
      partitions: [old],
    }),
    table('loans', ['book'], { foreignKeys: [toBooks] }),
    table('notes', ['id']),
  ],
  views: [readers],
})

/** One operation of each kind, which fits the schema above. */
const examples: { readonly [N in OperationName]: OperationOf<N> } = {
  createTable: { op: 'createTable', table: { name: 'pages' }, definition: table('pages', ['id']) },
  dropTable: { op: 'dropTable', table: notes, definition: table('notes', ['id']) },
  renameTable: { op: 'renameTable', table: books, to: { schema: 'audit', name: 'volumes' } },
  alterTable: { op: 'alterTable', table: notes, from: {}, to: { comment: 'words', rowSecurity: true } },
  addColumn: { op: 'addColumn', table: notes, column: column('age'), values: { backfill: '1' } },
  dropColumn: { op: 'dropColumn', table: books, column: column('free'), undo: { backfill: '1' } },
  renameColumn: { op: 'renameColumn', table: books, from: 'id', to: 'key' },
  alterColumn: {
    op: 'alterColumn',
    table: books,
    from: column('free'),
    to: column('free', { type: 'text', nullable: true }),
    values: { using: 'free::text' },
  },
  renameValue: { op: 'renameValue', table: books, column: 'state', type: mood, from: 'ok', to: 'fine' },
  mapValue: { op: 'mapValue', table: books, column: 'state', from: 'bad', to: 'ok' },
  addPrimaryKey: { op: 'addPrimaryKey', table: notes, primaryKey: { name: 'pk_notes', columns: ['id'] } },
  dropPrimaryKey: { op: 'dropPrimaryKey', table: books, primaryKey },
  addUnique: { op: 'addUnique', table: notes, unique: { name: 'uq_notes', columns: ['id'] } },
  dropUnique: { op: 'dropUnique', table: books, unique },
  addCheck: { op: 'addCheck', table: notes, check: { name: 'ck_notes', expression: 'id > 0' } },
  dropCheck: { op: 'dropCheck', table: books, check },
  addExclusion: { op: 'addExclusion', table: notes, exclusion: { ...exclusion, name: 'ex_notes' } },
  dropExclusion: { op: 'dropExclusion', table: books, exclusion },
  addForeignKey: { op: 'addForeignKey', table: notes, foreignKey: { ...toBooks, name: 'fk_notes', columns: ['id'] } },
  dropForeignKey: { op: 'dropForeignKey', table: { name: 'loans' }, foreignKey: toBooks },
  renameConstraint: { op: 'renameConstraint', table: books, kind: 'unique', from: 'uq_title', to: 'uq_name' },
  createIndex: { op: 'createIndex', table: notes, index: index('ix_notes', ['id']) },
  dropIndex: { op: 'dropIndex', table: books, index: byTitle },
  renameIndex: { op: 'renameIndex', table: books, from: 'ix_title', to: 'ix_name' },
  createEnum: { op: 'createEnum', definition: { name: 'size', values: ['s', 'm'] } },
  dropEnum: { op: 'dropEnum', definition: { name: 'unused', values: ['a'] } },
  alterEnum: { op: 'alterEnum', from: mood, to: { ...mood, values: ['bad', 'new'] } },
  renameEnum: { op: 'renameEnum', from: { name: 'mood' }, to: { name: 'temper' } },
  createView: { op: 'createView', definition: view('authors', ['books'], 'SELECT 1') },
  dropView: { op: 'dropView', definition: readers },
  replaceView: { op: 'replaceView', from: readers, to: { ...readers, definition: 'SELECT title FROM books' } },
  createSequence: { op: 'createSequence', definition: sequence('counter') },
  dropSequence: { op: 'dropSequence', definition: sequence('ticket') },
  alterSequence: { op: 'alterSequence', from: sequence('ticket'), to: sequence('ticket', { cycle: true }) },
  renameSequence: { op: 'renameSequence', from: { name: 'ticket' }, to: { name: 'stub' } },
  createSchema: { op: 'createSchema', name: 'archive' },
  dropSchema: { op: 'dropSchema', name: 'audit' },
  createExtension: { op: 'createExtension', name: 'ltree' },
  // The reverse of `createExtension`, which leaves the extension in place.
  dropExtension: { op: 'dropExtension', name: 'citext', stays: true },
  createFunction: { op: 'createFunction', definition: { ...touch, name: 'look()' } },
  dropFunction: { op: 'dropFunction', definition: touch },
  replaceFunction: { op: 'replaceFunction', from: touch, to: { ...touch, sql: 'CREATE FUNCTION … 2' } },
  createDomain: { op: 'createDomain', definition: { ...isbn, name: 'issn' } },
  dropDomain: { op: 'dropDomain', definition: isbn },
  replaceDomain: { op: 'replaceDomain', from: isbn, to: { ...isbn, sql: 'CREATE DOMAIN isbn AS varchar' } },
  createTrigger: { op: 'createTrigger', table: books, trigger: { ...log, name: 'log2' } },
  dropTrigger: { op: 'dropTrigger', table: books, trigger: log },
  replaceTrigger: { op: 'replaceTrigger', table: books, from: log, to: { ...log, sql: 'CREATE TRIGGER log' } },
  createPolicy: { op: 'createPolicy', table: books, policy: { ...own, name: 'others' } },
  dropPolicy: { op: 'dropPolicy', table: books, policy: own },
  replacePolicy: { op: 'replacePolicy', table: books, from: own, to: { ...own, using: 'false' } },
  createPartition: { op: 'createPartition', table: books, partition: { ...old, name: 'books_new' } },
  dropPartition: { op: 'dropPartition', table: books, partition: old },
  replacePartition: { op: 'replacePartition', table: books, from: old, to: { ...old, bound: 'DEFAULT' } },
}

describe.each(Object.values<Operation>(examples))('operation $op', (operation) => {
  test('equals the reverse of its reverse', () => {
    expect(reverseOperation(reverseOperation(operation))).toEqual(operation)
  })

  test('has a reverse that restores the schema', () => {
    const after = applyOperation(operation, full)
    if (operation.op !== 'mapValue') expect(normalizeSchema(after)).not.toEqual(normalizeSchema(full))
    expect(normalizeSchema(applyOperation(reverseOperation(operation), after))).toEqual(normalizeSchema(full))
  })

  test('has a phase in the order of a revision', () => {
    expect(phases.flat()).toContain(phaseOf(operation))
  })
})

test('the phases of a revision are all different', () => {
  expect(new Set(phases.flat()).size).toBe(phases.flat().length)
})
