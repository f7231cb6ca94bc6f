import fc from 'fast-check'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import type { ColumnDocument, TableDocument } from '../../src/schema/document'
import { erDiagram } from '../../src/schema/er-diagram'

const table = (name: string, columns: readonly ColumnDocument[], more: Partial<TableDocument> = {}): TableDocument => ({
  ...{ name, columns, primaryKey: null, foreignKeys: [], uniques: [], checks: [], indexes: [] },
  ...more,
})
const column = (name: string, type = 'integer', nullable = false): ColumnDocument => ({ name, type, nullable })
const reference = (columns: readonly string[], parent: string) => ({
  name: null,
  columns,
  table: parent,
  references: ['id'],
})
const key = (...columns: readonly string[]) => ({ name: null, columns })

describe('erDiagram', () => {
  test('draws tables with their keys, and what they reference', () => {
    const tables = [
      table('teams', [column('id'), column('name', 'character varying(50)')], {
        primaryKey: key('id'),
        uniques: [key('name')],
      }),
      table('users', [column('id'), column('team_id', 'integer', true), column('boss', 'numeric(10,2)')], {
        primaryKey: key('id'),
        foreignKeys: [reference(['team_id'], 'teams'), reference(['boss'], 'users'), reference(['boss'], 'not shown')],
      }),
      table('profiles', [column('user_id')], {
        primaryKey: key('user_id'),
        foreignKeys: [reference(['user_id'], 'users')],
      }),
      table('nothing', []),
    ]
    expect(erDiagram({ tables })).toBe(`erDiagram
  "teams" {
    integer id PK
    character_varying(50) name UK "not null"
  }
  "users" {
    integer id PK
    integer team_id FK
    numeric(10_2) boss FK "numeric(10,2), not null"
  }
  "profiles" {
    integer user_id PK, FK
  }
  "nothing"
  "teams" |o--o{ "users" : "team_id"
  "users" ||--o{ "users" : "boss"
  "users" ||--o| "profiles" : "user_id"
`)
  })

  test('is a diagram of nothing without tables', () => {
    expect(erDiagram({ tables: [] })).toBe('erDiagram\n')
  })

  test.each([
    ['pk', '_pk "pk"'],
    ['UK-x', 'UK_x "UK-x"'],
    ['uk(1)', 'uk_1_ "uk(1)"'],
    ['pkey', 'pkey'],
    ['1st', '_1st "1st"'],
    ['größe', 'größe'],
    ['a b', 'a_b "a b"'],
    ['ª😀', '__ "ª😀"'],
  ])('names the column %j', (name, written) => {
    expect(erDiagram({ tables: [table('t', [column(name, 'integer', true)])] }).split('\n')[2]).toBe(
      `    integer ${written}`,
    )
  })

  /** What each line must look like: Mermaid's grammar, which was tried with Mermaid itself on names like these. */
  const text = String.raw`"(?:[^"%\\\p{Cc}#]|#\d+;)+"`
  const attribute = String.raw`[A-Za-z_\u00C0-\uFFFF][A-Za-z0-9_()[\]\u00C0-\uFFFF]*`
  const lineOf = new RegExp(
    `^(?:erDiagram| {2}${text}(?: \\{)?| {2}\\}| {4}${attribute} (?!(?:pk|fk|uk)\\b)${attribute}(?: (?:PK|FK|UK)(?:, (?:PK|FK|UK))*)?(?: ${text})?|` +
      ` {2}${text} [|][o|]--o[{|] ${text} : ${text}|)$`,
    'iu',
  )

  test('writes nothing that a name could break out of', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '"] }o--|| "x" : "y',
        '%%{init: {}}%%',
        '}\n"x" {',
        'fk',
        '#quot;',
        '<script>',
        'style a:#fff;',
        '\\',
        '`*_~',
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(names, names, names), { minLength: 1 }), (rows) => {
        const tables = rows.map(([name, own, type]) =>
          table(name, [column(own, type), column('id')], {
            primaryKey: key('id'),
            foreignKeys: [reference([own], name)],
          }),
        )
        expect(
          erDiagram({ tables })
            .split('\n')
            .filter((line) => !lineOf.test(line)),
        ).toEqual([])
      }),
      { numRuns: testRuns(200) },
    )
  })
})
