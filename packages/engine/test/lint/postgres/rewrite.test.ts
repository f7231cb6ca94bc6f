import {
  alterText,
  columnText,
  withCommand,
  withoutName,
  withoutWords,
  withWord,
} from '../../../src/lint/postgres/rewrite'
import { loadGrammar, parseStatements } from '../../../src/sql/postgres/grammar'
import { bodyOf } from '../../../src/sql/postgres/nodes'

describe('alterText', () => {
  test.each<[string, string, readonly string[]]>([
    ['ALTER TABLE a ADD b integer, DROP c', 'ALTER TABLE a', ['ADD b integer', 'DROP c']],
    ['alter table if exists only "s"."a,b" *  add c int', 'alter table if exists only "s"."a,b" *', ['add c int']],
    [
      `ALTER TABLE a -- one, two\n ADD CHECK (b IN (1, 2)), ADD c int[] DEFAULT ARRAY[1, 2], ALTER d SET DEFAULT ',' -- end`,
      'ALTER TABLE a',
      ['ADD CHECK (b IN (1, 2))', 'ADD c int[] DEFAULT ARRAY[1, 2]', `ALTER d SET DEFAULT ','`],
    ],
  ])('splits %j', (sql, head, commands) => {
    expect(alterText(sql)).toEqual({ head, commands })
  })

  test('takes nothing but ALTER TABLE', () => {
    expect(alterText('ALTER INDEX a RENAME TO b')).toBeUndefined()
    expect(alterText('')).toBeUndefined()
  })
})

describe('withCommand', () => {
  const text = { head: 'ALTER TABLE a', commands: ['ADD b int', 'DROP c'] }

  test('replaces a command', () => {
    expect(withCommand(text, 1, 'DROP d')).toEqual(['ALTER TABLE a ADD b int, DROP d'])
  })

  test('leaves a command out, and the statement with its last one', () => {
    expect(withCommand(text, 0)).toEqual(['ALTER TABLE a DROP c'])
    expect(withCommand({ ...text, commands: ['DROP c'] }, 0)).toEqual([])
  })
})

describe('columnText', () => {
  test('splits the definition of a column, wherever its statement is in its text', async () => {
    const text = `SELECT 'ü';  ALTER TABLE a ADD "größe" text COLLATE "C" DEFAULT 'ß, NOT NULL' CONSTRAINT u UNIQUE DEFERRABLE INITIALLY DEFERRED CHECK ("größe" <> '') NOT NULL`
    const statement = parseStatements(await loadGrammar(), text)[1]
    const command = bodyOf(bodyOf(statement?.node, 'AlterTableStmt')?.cmds?.[0], 'AlterTableCmd')
    const column = bodyOf(command?.def, 'ColumnDef')
    if (statement === undefined || column === undefined) throw new Error('no column')
    const [written = ''] = alterText(statement.sql)?.commands ?? []
    const parts = columnText(statement, written, column)
    expect(parts.definition).toBe('ADD "größe" text COLLATE "C"')
    expect(parts.constraints.map((one) => [one.constraint.contype, one.text])).toEqual([
      ['CONSTR_DEFAULT', `DEFAULT 'ß, NOT NULL'`],
      ['CONSTR_UNIQUE', 'CONSTRAINT u UNIQUE DEFERRABLE INITIALLY DEFERRED'],
      ['CONSTR_CHECK', `CHECK ("größe" <> '')`],
      ['CONSTR_NOTNULL', 'NOT NULL'],
    ])
  })

  test('keeps a collation that is written after a constraint', async () => {
    const [statement] = parseStatements(await loadGrammar(), `ALTER TABLE a ADD b text DEFAULT '' COLLATE "C"`)
    const command = bodyOf(bodyOf(statement?.node, 'AlterTableStmt')?.cmds?.[0], 'AlterTableCmd')
    const column = bodyOf(command?.def, 'ColumnDef')
    if (statement === undefined || column === undefined) throw new Error('no column')
    expect(columnText(statement, `ADD b text DEFAULT '' COLLATE "C"`, column)).toMatchObject({
      definition: 'ADD b text COLLATE "C"',
      constraints: [{ text: `DEFAULT ''` }],
    })
  })
})

describe('single words', () => {
  test('are added after the first that is not in quotes or a comment', () => {
    expect(withWord('CREATE /* INDEX */ INDEX "INDEX" ON a (b)', 'INDEX', 'CONCURRENTLY')).toBe(
      'CREATE /* INDEX */ INDEX CONCURRENTLY "INDEX" ON a (b)',
    )
  })

  test('are left out where they follow each other', () => {
    expect(withoutWords('DROP TABLE IF /* ever */ EXISTS "IF EXISTS"', 'IF', 'EXISTS')).toBe('DROP TABLE "IF EXISTS"')
    expect(withoutWords('DROP TABLE "IF" ', 'IF', 'EXISTS')).toBe('DROP TABLE "IF" ')
  })

  test('of a name are left out before a constraint', () => {
    expect(withoutName('CONSTRAINT "a b" CHECK (c)')).toBe('CHECK (c)')
    expect(withoutName('CHECK (c)')).toBe('CHECK (c)')
  })
})
