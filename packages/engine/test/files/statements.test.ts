import ts from 'typescript'

import type { WrittenStatement } from '../../src/files/value-reader'
import { readStatements } from '../../src/files/statements'

/** Returns the statements of `up` in a class with this body, or the reason why they are unknown. */
async function read(body: string, { type = 'postgres', before = '', file = 'a.ts' } = {}): Promise<unknown> {
  const parser = await import('oxc-parser')
  const text = body.includes('class ')
    ? body
    : `${before}\nexport class A1763750000000 implements MigrationInterface {\n  table = 'users'\n  async up(q: QueryRunner): Promise<void> {\n${body}\n  }\n  async down() {}\n}`
  const found = readStatements(parser, file, text, 'A1763750000000', 'upgrade', type)
  return 'reason' in found ? found.reason : found.statements.map(shown)
}

function shown(statement: WrittenStatement): unknown {
  if (statement.kind === 'batched') return statement.options
  return statement.parameters.length === 0 ? statement.sql : [statement.sql, statement.parameters]
}

describe('readStatements', () => {
  test.each<[string, string, unknown]>([
    ['plain calls', 'await q.query(\'A\'); await q.query(`B`); return q.query("C")', ['A', 'B', 'C']],
    ['literal parameters', "await q.query('A', [1, 'x', null, true])", [['A', [1, 'x', null, true]]]],
    ['joined texts', "await q.query('A' + ' ' + 'B')", ['A B']],
    ['a text with constants in it', "const t = 'a'; await q.query(`DROP TABLE ${t}`)", ['DROP TABLE a']],
    ['a field of the class', 'await q.query(`DROP TABLE ${this.table}`)', ['DROP TABLE users']],
    [
      'loops over literals',
      "for (const t of ['a', 'b']) await q.query(`DROP TABLE ${t}`)",
      ['DROP TABLE a', 'DROP TABLE b'],
    ],
    ['a loop over pairs', "for (const [t, c] of [['a', 'x']]) await q.query(`${t}.${c}`)", ['a.x']],
    [
      'an if over the type',
      "if (q.connection.options.type === 'postgres') await q.query('P')\nelse await q.query('S')",
      ['P'],
    ],
    [
      'the type by a name',
      "const { type } = { type: q.connection.driver.options.type }; if (type !== 'postgres') await q.query('S')",
      [],
    ],
    [
      'a switch that falls through',
      "switch (q.connection.options.type as string) { case 'x': await q.query('X'); break; case 'postgres': case 'pg': await q.query('P'); break; default: throw new Error() }",
      ['P'],
    ],
    [
      'an early return',
      "await q.query('A'); if (q.connection.options.type === 'postgres') return; await q.query('B')",
      ['A'],
    ],
    ['the guard of a squash', "if (await this.isReplaced(q)) return; await q.query('A')", ['A']],
    ['code that prints', "console.log('at work', Date.now()); await q.query('A')", ['A']],
    ['Promise.all', "await Promise.all([q.query('A'), q.query('B')])", ['A', 'B']],
    [
      'transactions',
      "await q.commitTransaction(); await q.query('A'); await q.startTransaction()",
      ['COMMIT', 'A', 'BEGIN'],
    ],
    [
      'a query whose rows are not used',
      "const rows = await q.query('SELECT 1'); await q.query('A')",
      ['SELECT 1', 'A'],
    ],
    ['an empty method', '', []],
  ])('reads statements from %s', async (_name, body, expected) => {
    expect(await read(body)).toEqual(expected)
  })

  test('resolves constants of the file in calls of batched', async () => {
    const before = "import { batched } from '@aludel/engine/migration'\nexport const tables = ['a'] as const"
    expect(
      await read("for (const table of tables) await batched(q, { table, key: 'id', update: { n: '1' } })", { before }),
    ).toEqual([{ table: 'a', key: 'id', update: { n: '1' } }])
  })

  test.each<[string, string, string]>([
    [
      'uses the rows of a query',
      "const rows = await q.query('SELECT 1')\nif (rows.length > 0) await q.query('A')",
      'line 6 uses the result of a query',
    ],
    ['uses methods of TypeORM', "await q.createTable(new Table({ name: 'a' }), true)", 'line 5 calls q.createTable'],
    ['uses the manager', 'await q.manager.save(x)', 'line 5 calls q.manager.save'],
    ['asks for the time', 'await q.query(`INSERT INTO a VALUES (${Date.now()})`)', 'line 5 calls Date.now'],
    ['uses what it imports', 'await q.query(sql)', 'line 5 uses sql'],
    ['catches errors', "try { await q.query('A') } catch {}", 'line 5 has a try statement'],
    ['throws', "throw new Error('no way back')", 'line 5 throws an error'],
    ['calls its own methods', 'await this.fill(q)', 'line 5 calls this.fill'],
    ['assigns', "let x = 'a'; x = 'b'; await q.query(x)", 'line 5 has an assignment expression'],
    ['passes its query runner to a function', 'const other = q; await help(other)', 'line 5 calls help'],
    ['writes elsewhere', "await fetch('https://example.org'); await q.query('A')", 'line 5 calls fetch'],
    [
      'calls batched with a function',
      "await batched(q, { table: 'a', key: 'id', update: async () => {} })",
      'line 5 has an arrow function expression',
    ],
    [
      'has a long loop',
      `for (const a of [${'1,'.repeat(200)}]) for (const b of [${'1,'.repeat(200)}]) await q.query('A')`,
      'line 5 has a long loop',
    ],
  ])('returns the reason and the line if a revision %s', async (_name, body, reason) => {
    const before = "import { batched } from '@aludel/engine/migration'"
    expect(await read(body, { before })).toBe(reason)
  })

  test.each([
    ['ES2017 and CommonJS', { target: ts.ScriptTarget.ES2017, module: ts.ModuleKind.CommonJS }],
    ['ES2015, with generators', { target: ts.ScriptTarget.ES2015, module: ts.ModuleKind.CommonJS }],
    ['ES2022 modules', { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }],
  ])('reads statements from code that tsc compiled to %s', async (_name, compilerOptions) => {
    const source =
      "export class A1763750000000 {\n  async up(q: any): Promise<void> {\n    if (q.connection.options.type === 'postgres') await q.query('P', [1])\n    for (const t of ['a']) await q.query(`DROP ${t}`)\n  }\n  async down() {}\n}"
    const { outputText } = ts.transpileModule(source, { compilerOptions })
    expect(await read(outputText, { file: 'a.js' })).toEqual([['P', [1]], 'DROP a'])
  })

  test('returns the reason if a class inherits its method', async () => {
    expect(await read('export class A1763750000000 extends Base {}')).toBe('up() is not written in the class itself')
  })
})
