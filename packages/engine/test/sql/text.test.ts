import fc from 'fast-check'

import {
  inlineParameters,
  pieces,
  savepointIn,
  shortSql,
  splitStatements,
  transactionEffects,
  trimStatement,
} from '../../src/sql/text'
import { tokenize } from '../../src/sql/tokens'

const quotedKinds = new Set(['quoted', 'string', 'blob', 'name'])

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)

describe('pieces', () => {
  test('returns parts that join to the original text', () => {
    const text = fc.string({
      unit: fc.constantFrom("'", '"', '`', '$', '$$', '$a$', '--', '/*', '*/', '\n', ';', '?', 'E', 'x ', '\\'),
    })
    fc.assert(
      fc.property(
        text,
        (sql) =>
          pieces(sql)
            .map((piece) => piece.text)
            .join('') === sql,
      ),
    )
  })

  test('finds the end of every kind of quoted text', () => {
    const quoted = (sql: string): string[] =>
      pieces(sql)
        .filter((piece) => piece.kind === 'quoted')
        .map((piece) => piece.text)
    expect(quoted(`select 'it''s', "a""b", \`c\``)).toEqual([`'it''s'`, `"a""b"`, '`c`'])
    expect(quoted(String.raw`select E'it\'s', 'back\', 'slash'`)).toEqual([
      String.raw`E'it\'s'`,
      String.raw`'back\'`,
      `'slash'`,
    ])
    expect(quoted(String.raw`where a LIKE'\' and b='x'`)).toEqual([String.raw`'\'`, `'x'`])
    expect(quoted('do $$ select $1; $$ $tag$ $$ $tag$')).toEqual(['$$ select $1; $$', '$tag$ $$ $tag$'])
    expect(quoted('select a$b$c, $1, $2')).toEqual([])
  })
})

describe('pieces of names in brackets', () => {
  const code = (sql: string): string =>
    pieces(sql)
      .map((piece) => (piece.kind === 'code' ? piece.text : '_'))
      .join('')

  test("takes SQLite's names in brackets for quoted", () => {
    expect(code(`SELECT [it's] FROM [a;b] AS [c] ORDER BY [d]`)).toBe('SELECT _ FROM _ AS _ ORDER BY _')
    expect(splitStatements(`DELETE FROM [it's]; DROP TABLE [a;b]`)).toEqual([`DELETE FROM [it's]`, 'DROP TABLE [a;b]'])
  })

  test("takes PostgreSQL's subscripts for code", () => {
    for (const sql of [
      'SELECT ARRAY[1, x[2]], index[1]',
      'SELECT ARRAY [a], (b)[1], $1[2]',
      'CREATE TABLE a (b int[])',
    ])
      expect(code(sql)).toBe(sql)
    expect(code(`SELECT "a" /* c */ [1], b -- [\n[2], ARRAY[]`)).toBe('SELECT _ _ [1], b _\n[2], ARRAY[]')
  })
})

test('pieces and tokens agree about what is quoted', () => {
  const part = fc.constantFrom(
    ...`' " \` [ ] $ $$ $a$ $1 -- /* */ E x N 1 1.5e ; , ( ) = - \\ é ARRAY select`.split(' '),
    ' ',
    '\n',
  )
  const mask = (parts: readonly { readonly kind: string; readonly text: string }[]): string =>
    parts
      .map(({ kind, text }) => (quotedKinds.has(kind) ? 'q' : kind === 'comment' ? 'c' : '.').repeat(text.length))
      .join('')
  fc.assert(fc.property(fc.string({ unit: part }), (sql) => mask(pieces(sql)) === mask(tokenize(sql))))
})

describe('splitStatements', () => {
  test('splits only at semicolons outside literals and comments', () => {
    expect(splitStatements(`select ';' ; -- not; here\n /* nor; here */ select 2;;  ; select $$;$$`)).toEqual([
      `select ';'`,
      `-- not; here\n /* nor; here */ select 2`,
      'select $$;$$',
    ])
    expect(splitStatements('  ; -- nothing\n')).toEqual([])
  })

  test('keeps the body of a trigger or function together', () => {
    const trigger = `CREATE TRIGGER t AFTER UPDATE ON a BEGIN UPDATE a SET n = CASE WHEN n > 1 THEN 1 ELSE 2 END; DELETE FROM b; END`
    expect(splitStatements(`${trigger}; select 1`)).toEqual([trigger, 'select 1'])
    const routine = `CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END`
    expect(splitStatements(`${routine};COMMIT`)).toEqual([routine, 'COMMIT'])
  })
})

test('transactionEffects finds what begins or ends a transaction, and nothing that looks like it', () => {
  expect(transactionEffects('COMMIT')).toEqual(['commit'])
  expect(transactionEffects('/* so */ end transaction;')).toEqual(['commit'])
  expect(transactionEffects('Rollback work')).toEqual(['rollback'])
  expect(transactionEffects('START TRANSACTION ISOLATION LEVEL SERIALIZABLE')).toEqual(['begin'])
  expect(transactionEffects(`update a set b = 1; commit; begin immediate`)).toEqual(['commit', 'begin'])
  expect(transactionEffects('COMMIT AND CHAIN')).toEqual(['commit', 'begin'])
  expect(transactionEffects('COMMIT WORK AND /* ! */ CHAIN')).toEqual(['commit', 'begin'])
  expect(transactionEffects('ROLLBACK AND NO CHAIN')).toEqual(['rollback'])
  expect(transactionEffects('COMMIT -- and chain')).toEqual(['commit'])
  expect(transactionEffects('ROLLBACK TO SAVEPOINT a')).toEqual([])
  expect(transactionEffects('ROLLBACK TRANSACTION TO a')).toEqual([])
  expect(transactionEffects(`insert into a values ('commit; rollback')`)).toEqual([])
  expect(transactionEffects('CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END')).toEqual([])
  expect(transactionEffects('DO $$ BEGIN PERFORM 1; END $$')).toEqual([])
  expect(transactionEffects('PREPARE p AS SELECT 1')).toEqual([])
  expect(transactionEffects('ALTER TABLE "commit" ADD COLUMN "end" integer')).toEqual([])
})

test('trimStatement removes semicolons and comments only from the end', () => {
  expect(trimStatement('select 1 ;; -- done\n /* really */ ; ')).toBe('select 1')
  expect(trimStatement("select ';' ")).toBe("select ';'")
  expect(trimStatement('/* a */ select 1')).toBe('/* a */ select 1')
  expect(trimStatement(' -- nothing')).toBe('')
})

test('trimStatement returns the same for a statement with and without a comment after it', () => {
  const part = fc.constantFrom(...`";" ';' $$;$$ [;] \`;\` ; - / * a`.split(' '), ' ', '\n')
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const sql = parts.join(' ')
      expect(trimStatement(sql)).toBe(trimStatement(`${sql} -- comment`))
    }),
  )
})

test('shortSql shortens a statement to one line of limited length', () => {
  expect(shortSql('select\n  1', 20)).toBe('select 1')
  expect(shortSql('x'.repeat(30), 10)).toBe(`${'x'.repeat(9)}…`)
})

describe('inlineParameters', () => {
  test('replaces numbered placeholders', () => {
    const sql = `insert into a values ($1, $2, $1, '$1', "$2", $$ $1 $$, x$1) -- $2`
    expect(inlineParameters(sql, ["it's", 2], '$1', literal)).toBe(
      `insert into a values ('it''s', 2, 'it''s', '$1', "$2", $$ $1 $$, x$1) -- $2`,
    )
    const ten = Array.from({ length: 10 }, (_, index) => index + 1)
    expect(inlineParameters(ten.map((n) => `$${String(n)}`).join(), ten, '$1', literal)).toBe('1,2,3,4,5,6,7,8,9,10')
  })

  test('replaces none in a comment inside a comment of PostgreSQL', () => {
    expect(inlineParameters('select $1 /* /* */ $2 */', [1], '$1', literal)).toBe('select 1 /* /* */ $2 */')
  })

  test('replaces positional placeholders', () => {
    expect(inlineParameters(`values (?, '?', ?, /* ? */ "?")`, [1, '?'], '?', literal)).toBe(
      `values (1, '?', '?', /* ? */ "?")`,
    )
    expect(inlineParameters('values (?2, ?1)', [1, 2], '?', literal)).toBe('values (2, 1)')
    expect(inlineParameters('select [a?b], ?', [1], '?', literal)).toBe('select [a?b], 1')
  })

  test('returns undefined when the parameters do not match the placeholders', () => {
    expect(inlineParameters('values ($1, $2)', [1], '$1', literal)).toBeUndefined()
    expect(inlineParameters('values (?)', [1, 2], '?', literal)).toBeUndefined()
    expect(inlineParameters('values ($1)', [1, 2], '$1', literal)).toBeUndefined()
  })

  test('keeps the operator "?" of PostgreSQL', () => {
    expect(inlineParameters(`select a ? 'b'`, [], '$1', literal)).toBe(`select a ? 'b'`)
    expect(inlineParameters(`select a ? $1`, ['b'], '$1', literal)).toBe(`select a ? 'b'`)
  })
})

describe('savepointIn', () => {
  test.each([
    ['SAVEPOINT a', { kind: 'savepoint', name: 'a' }],
    ['/* "x" */ savepoint "A ""b" ;', { kind: 'savepoint', name: 'a "b' }],
    ['RELEASE a', { kind: 'release', name: 'a' }],
    ['release savepoint "a"', { kind: 'release', name: 'a' }],
    ['SAVEPOINT [a b]', { kind: 'savepoint', name: 'a b' }],
    ['RELEASE `a`', { kind: 'release', name: 'a' }],
    ["SAVEPOINT 'a'", { kind: 'savepoint', name: 'a' }],
    ['ROLLBACK TO SAVEPOINT a', undefined],
    [`SELECT 'SAVEPOINT a'`, undefined],
    ['SAVEPOINT a; DELETE FROM b', undefined],
  ])('reads %s as %j', (sql, expected) => {
    expect(savepointIn(sql)).toEqual(expected)
  })
})
