import path from 'node:path'

import { typeRewriter, untypedProperties } from '../../src/files/column-types'

import { project, removeFolders } from '../../../../tools/testing/folders'

afterAll(removeFolders)

/** The types of the properties of `src/user.ts` as the compiler gets them: `a: string, b: number`. */
async function written(body: string, others: Readonly<Record<string, string>> = {}, imports = ''): Promise<string> {
  const directory = await project({ 'src/user.ts': '', ...others })
  const rewrite = typeRewriter(await import('oxc-parser'), (name) =>
    name.startsWith('@/') ? path.join(directory, 'src', name.slice(2)) : undefined,
  )
  const source = `${imports}\n@Entity() export class User {\n${body}\n}\n`
  const found = rewrite(source, path.join(directory, 'src/user.ts'))
  expect(found.split('\n')).toHaveLength(source.split('\n').length)
  return [...found.matchAll(/@Column\([^)]*\) (\w+)[!?]?: ([^;\n]+)/g)]
    .map(([, name, type]) => `${name}: ${type}`)
    .join(', ')
}

const role = { 'src/role.ts': "export enum Role { A = 'a', B = 'b' }" }

describe('typeRewriter', () => {
  test.each([
    ['an enum of texts', "export enum T { A = 'a', B = `b` }", 'string'],
    ['an enum of numbers', 'export enum T { A, B = 4, C = 1 << 3, D }', 'number'],
    ['a const enum', "export const enum T { A = 'a' }", 'string'],
    ['an enum of texts and numbers', "export enum T { A, B = 'b' }", 'T'],
    ['a union of texts', "export type T = 'a' | 'b'", 'string'],
    ['a union of texts and null', "export type T = 'a' | null | undefined", 'string'],
    ['a union of texts and numbers', "export type T = 'a' | 1", 'T'],
    ['numbers', 'export type T = 1 | 2 | -3', 'number'],
    ['an alias of an alias', 'type U = number\nexport type T = U', 'number'],
    ['a branded text', 'export type T = string & { readonly brand: unique symbol }', 'string'],
    [
      'the values of an object',
      "export const T = { A: 'a', B: 'b' } as const\nexport type T = (typeof T)[keyof typeof T]",
      'string',
    ],
    [
      'the values of a frozen object',
      'export const t = Object.freeze({ A: 1 })\nexport type T = (typeof t)[keyof typeof t]',
      'number',
    ],
    ['the values of a list', "export const ts = ['a', 'b'] as const\nexport type T = (typeof ts)[number]", 'string'],
    ['the keys of an object', 'const ts = { a: 1 }\nexport type T = keyof typeof ts', 'string'],
    ['a part of a union', "type U = 'a' | 'b'\nexport type T = Exclude<U, 'a'>", 'string'],
    ['a property of an interface', "interface U { theme: 'dark' | 'light' }\nexport type T = U['theme']", 'string'],
    ['an interface', 'export interface T { a: 1 }', 'T'],
    ['a class', 'export class T { a = 1 }', 'T'],
    ['a circular alias', 'export type T = U\ntype U = T', 'T'],
  ])('writes %s from another file as the compiler that knows it does', async (_what, text, expected) => {
    expect(await written('@Column() a!: T', { 'src/t.ts': text }, "import { T } from './t'")).toBe(`a: ${expected}`)
  })

  test.each([
    ['a .js ending', "import { Role } from './role.js'", role, 'Role'],
    ['import type', "import type { Role } from './role'", role, 'Role'],
    ['an inline type', "import { type Role as R } from './role'", role, 'R'],
    ['a whole module', "import * as roles from './role'", role, 'roles.Role'],
    ['an alias of the project', "import { Role } from '@/role'", role, 'Role'],
    ['a member of an enum', "import { Role } from './role'", role, 'Role.A'],
    [
      'an index that exports everything, in a circle',
      "import { Role } from '.'",
      { ...role, 'src/index.ts': "export * from './user'\nexport * from './role'" },
      'Role',
    ],
    ['a renamed export', "import { R } from './r'", { ...role, 'src/r.ts': "export { Role as R } from './role'" }, 'R'],
    [
      'an import that is exported',
      "import { R } from './r'",
      { ...role, 'src/r.ts': "import { Role } from './role'\nexport { Role as R }" },
      'R',
    ],
    [
      'an exported module',
      "import { all } from './r'",
      { ...role, 'src/r.ts': "export * as all from './role'" },
      'all.Role',
    ],
    ['a default export', "import R from './r'", { 'src/r.ts': "enum Role { A = 'a' }\nexport default Role" }, 'R'],
    [
      'a namespace',
      "import { N } from './n'",
      { 'src/n.ts': "export namespace N { export enum Role { A = 'a' } }" },
      'N.Role',
    ],
    [
      'declarations',
      "import { Role } from './role'",
      { 'src/role.js': '', 'src/role.d.ts': "export declare enum Role { A = 'a' }" },
      'Role',
    ],
    ['a .mts file', "import { Role } from './role.mjs'", { 'src/role.mts': "export enum Role { A = 'a' }" }, 'Role'],
    [
      'a generic alias',
      "import { Maybe, Role } from './role'",
      { 'src/role.ts': "export enum Role { A = 'a' }\nexport type Maybe<T> = T | null" },
      'Maybe<Role>',
    ],
  ])('finds an enum through %s', async (_what, imports, files, type) => {
    expect(await written(`@Column() a!: ${type}`, files, imports)).toBe('a: string')
  })

  test('leaves null and undefined out of unions', async () => {
    const body = '@Column() a!: number | null; @Column() b?: Date | undefined\n@Column() c!: string\n| null'
    expect(await written(body)).toBe('a: number, b: Date, c: string')
  })

  test('keeps classes, relations and what it cannot read', async () => {
    const imports = "import { Money } from './money'\nimport { Gone } from './gone'\nimport { Package } from 'package'"
    const body = '@Column() a!: Money | null; @Column() b!: Gone; @Column() c!: Package; @Column() d!: Relation<Money>'
    const files = { 'src/money.ts': 'export class Money {}' }
    expect(await written(body, files, imports)).toBe('a: Money | null, b: Gone, c: Package, d: Relation<Money>')
  })

  test('notes class, file, line and type of a property that has no type of a column', async () => {
    await written(
      '@Column() fine!: string\n@Column({\n  nullable: true })\n  odd_one!: Record<string, string>\n@Column() odd_two = 5',
    )
    expect(untypedProperties('User', 'odd_one')).toMatchObject([
      { className: 'User', line: 6, type: 'Record<string, string>', path: expect.stringMatching(/src\/user\.ts$/) },
    ])
    expect(untypedProperties('Derived', 'odd_two')).toMatchObject([{ className: 'User', line: 7, type: undefined }])
    expect(untypedProperties('User', 'fine')).toEqual([])
  })
})
