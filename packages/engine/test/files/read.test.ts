import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'

import { transformSync } from '@swc/core'
import ts from 'typescript'

import { readRevisions } from '../../src/files/read'
import { RevisionGraph } from '../../src/revision/graph'
import type { Revision } from '../../src/revision/revision'
import { caughtAsync } from '../revision/caught'

import { folder, removeFolders } from '../../../../tools/testing/folders'

afterAll(removeFolders)

const stamp = 1_763_750_000_000

/** A revision file in the style that the tool writes. */
function source(options: { name?: string; fields?: string; doc?: string; body?: string } = {}): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm'

${options.doc ?? '/** add priority to workflows */'}
export class ${options.name ?? `AddPriority${stamp}`} implements MigrationInterface {
${options.fields ?? "  static readonly revision = '3f9c1b7a2d40'\n  static readonly downRevision = null\n"}
  async up(queryRunner: QueryRunner): Promise<void> {
    ${options.body ?? "await queryRunner.query('select 1')"}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('select 2')
  }
}
`
}

async function read(files: Readonly<Record<string, string>>): Promise<readonly Revision[]> {
  return (await readRevisions([await folder(files)])).revisions
}

async function readOne(text: string, name = 'one.ts'): Promise<Revision> {
  const [one, ...more] = await read({ [name]: text })
  if (one === undefined || more.length > 0) throw new Error(`${more.length + 1} revisions`)
  return one
}

const refusal = (files: Readonly<Record<string, string>>) => caughtAsync(() => read(files))

describe('readRevisions of one file', () => {
  test('reads all fields without running the file', async () => {
    const text = `throw new Error('it ran')\n${source({
      fields: `
  static readonly revision = '3f9c1b7a2d40'
  static readonly downRevision = ['a1b2c3d4e5f6', 'b1b2c3d4e5f6']
  static readonly branchLabels = ['reports']
  static readonly dependsOn = ['77aa88bb99cc', 'billing']
  readonly transaction = false
`,
    })}`
    const directory = await folder({ [`${stamp}-add-priority.ts`]: text })
    const { revisions, warnings } = await readRevisions([directory])
    expect(warnings).toEqual([])
    expect(revisions).toEqual([
      {
        id: '3f9c1b7a2d40',
        name: `AddPriority${stamp}`,
        exportName: `AddPriority${stamp}`,
        timestamp: stamp,
        down: ['a1b2c3d4e5f6', 'b1b2c3d4e5f6'],
        dependsOn: ['77aa88bb99cc', 'billing'],
        branchLabels: ['reports'],
        message: 'add priority to workflows',
        path: path.join(directory, `${stamp}-add-priority.ts`),
        checksum: createHash('sha256').update(text).digest('hex'),
        transaction: false,
        plain: false,
        lines: { class: 5, revision: 7, downRevision: 8, branchLabels: 9, dependsOn: 10 },
      },
    ])
  })

  test.each([
    ['null', []],
    ["'a1b2c3d4e5f6'", ['a1b2c3d4e5f6']],
    ['`a1b2c3d4e5f6`', ['a1b2c3d4e5f6']],
    ["'a1b2c3d4e5f6' as const", ['a1b2c3d4e5f6']],
    ["['a1b2c3d4e5f6', `b`] as const", ['a1b2c3d4e5f6', 'b']],
    ["(['a1b2c3d4e5f6'] satisfies string[])", ['a1b2c3d4e5f6']],
    ['[]', []],
    ["<string>'a1b2c3d4e5f6'", ['a1b2c3d4e5f6']],
  ])('reads downRevision = %s as %j', async (value, down) => {
    const fields = `static revision = '3f9c1b7a2d40'\nstatic readonly downRevision: string | string[] | null = ${value}`
    expect((await readOne(source({ fields }))).down).toEqual(down)
  })

  test('reads a single label as a list, and undefined as an empty list', async () => {
    const fields = `
      static 'revision' = '3f9c1b7a2d40'; static ['downRevision'] = null
      static branchLabels = 'reports'; static dependsOn = undefined`
    expect(await readOne(source({ fields }))).toMatchObject({ branchLabels: ['reports'], dependsOn: [] })
  })

  test('accepts a byte order mark and Windows line endings', async () => {
    const text = `\ufeff${source().replaceAll('\n', '\r\n')}`
    expect(await readOne(text)).toMatchObject({ id: '3f9c1b7a2d40', message: 'add priority to workflows' })
    const error = await refusal({ 'x.ts': `\ufeff${source({ body: 'const = 3' })}` })
    expect(error.message).toContain('/x.ts:9:11 does not parse')
  })

  test('reads fields that follow the methods', async () => {
    const text = source({ fields: '', name: `X${stamp}` }).replace(
      /\}\n$/,
      "  static revision = 'aa'\n  static downRevision = 'bb'\n  transaction = true\n}\n",
    )
    expect(await readOne(text)).toMatchObject({ id: 'aa', down: ['bb'], transaction: true, plain: false })
    const label = source({ fields: '', name: `X${stamp}` }).replace(/\}\n$/, "\n  name = 'Other1763750000001'\n}\n")
    expect(await readOne(label)).toMatchObject({ name: 'Other1763750000001', timestamp: stamp + 1 })
  })

  test('does not mistake SQL for a field', async () => {
    const body = 'await queryRunner.query(`create table x (\n  name = 1,\n  static revision, class transaction)`)'
    expect(await readOne(source({ body }))).toMatchObject({ id: '3f9c1b7a2d40', name: `AddPriority${stamp}` })
  })

  test('takes the message from the doc comment, or else from the class name', async () => {
    const message = async (doc: string, name?: string) =>
      (await readOne(source({ doc, ...(name && { name }) }))).message
    expect(await message('/**\n * add *priority*\n *\n * Loses: nothing\n */')).toBe('add *priority*')
    expect(await message('/**\n\n\t* @internal\n * größe 😀 */')).toBe('größe 😀')
    expect(await message('/** first */\n/** second */')).toBe('second')
    expect(await message('// no doc\n', `AddAPIKeysToUsers2${stamp}`)).toBe('add api keys to users2')
    expect(await message('/* no doc */', `init_schema${stamp}`)).toBe('init schema')
    expect(await message('/** far away */\nconst x = 1', `X${stamp}`)).toBe('x')
    expect(await message('/** @internal */', `_${stamp}`)).toBe(`_${stamp}`)
  })

  test('reads several classes and skips those that are not migrations', async () => {
    const text = `
export class Helper { help() {} }
abstract class Base { abstract up(): void }
export abstract class Base2 { async up() {} async down() {} }
class Hidden${stamp} { async up() {} async down() {} }
export class A${stamp} { static revision = 'a'; static downRevision = null; async up() {} async down() {} }
export class B${stamp + 1} extends Base { static revision = 'b'; static downRevision = 'a' }
export { Later as C }
class Later implements typeorm.MigrationInterface { name = 'Later${stamp + 2}'; up = async () => {}; down = async () => {} }
export default class extends Helper { name = 'D${stamp + 3}'; async up() {} }
`
    expect((await read({ 'several.ts': text })).map(({ name, exportName, id }) => [name, exportName, id])).toEqual([
      [`A${stamp}`, `A${stamp}`, 'a'],
      [`B${stamp + 1}`, `B${stamp + 1}`, 'b'],
      [`Later${stamp + 2}`, 'C', expect.any(String)],
      [`D${stamp + 3}`, 'default', expect.any(String)],
    ])
  })
})

describe('readRevisions of JavaScript', () => {
  const text = source({
    fields: `
  static readonly revision = '3f9c1b7a2d40'
  static readonly downRevision = ['a1b2c3d4e5f6', 'b1b2c3d4e5f6'] as const
  static readonly branchLabels = ['reports']
  static readonly dependsOn: string[] = []
  static readonly replaces = {
    '0f9c1b7a2d40': 'First${stamp - 2}',
    aa9c1b7a2d40: { name: 'Second${stamp - 1}', replaces: { 'b-b': 'Zero${stamp - 3}' } },
  } as const
  readonly transaction = false
  name = 'Named${stamp}'
`,
  })
  const replaces = [
    { id: '0f9c1b7a2d40', name: `First${stamp - 2}` },
    { id: 'aa9c1b7a2d40', name: `Second${stamp - 1}`, replaces: [{ id: 'b-b', name: `Zero${stamp - 3}` }] },
  ]
  const expected = {
    id: '3f9c1b7a2d40',
    name: `Named${stamp}`,
    exportName: `AddPriority${stamp}`,
    down: ['a1b2c3d4e5f6', 'b1b2c3d4e5f6'],
    branchLabels: ['reports'],
    dependsOn: [],
    message: 'add priority to workflows',
    transaction: false,
    plain: false,
    replaces,
  }

  const targets = [ts.ScriptTarget.ES5, ts.ScriptTarget.ES2015, ts.ScriptTarget.ES2021, ts.ScriptTarget.ESNext]
  const modules = [ts.ModuleKind.CommonJS, ts.ModuleKind.ESNext]
  const tsc = targets.flatMap((target) =>
    modules.flatMap((module) =>
      [true, false].map((useDefineForClassFields) => ({ target, module, useDefineForClassFields })),
    ),
  )
  test.each(tsc)('reads the output of tsc with %j', async (compilerOptions) => {
    const { outputText } = ts.transpileModule(text, { compilerOptions })
    expect(await readOne(outputText, 'compiled.js')).toMatchObject(expected)
  })

  const swc = (['es5', 'es2015', 'es2020', 'es2022'] as const).flatMap((target) =>
    (['commonjs', 'es6'] as const).flatMap((module) => [true, false].map((loose) => ({ target, module, loose }))),
  )
  test.each(swc)('reads the output of swc with %j', async ({ target, module, loose }) => {
    const { code } = transformSync(text, {
      configFile: false,
      swcrc: false,
      jsc: { target, loose, parser: { syntax: 'typescript' }, transform: { useDefineForClassFields: !loose } },
      module: { type: module },
    })
    // swc drops the comment when it removes the import before it.
    const read = await readOne(code, module === 'es6' ? 'compiled.mjs' : 'compiled.cjs')
    expect({ ...read, message: expected.message }).toMatchObject(expected)
  })

  test('reads minified output of swc', async () => {
    const { code } = transformSync(text, {
      configFile: false,
      swcrc: false,
      minify: true,
      jsc: {
        target: 'es2020',
        parser: { syntax: 'typescript' },
        minify: { compress: true, mangle: { keep_classnames: true } },
      },
      module: { type: 'commonjs' },
    })
    const { message, ...rest } = expected
    expect(message).not.toBe('')
    expect(await readOne(code, 'compiled.js')).toMatchObject({ ...rest, message: 'named' })
  })

  const name = `AddPriority${stamp}`
  const methods = "async up(queryRunner) { await queryRunner.query('x') } async down() {}"
  test.each([
    [
      'esbuild as CommonJS',
      `"use strict";
var __defProp = Object.defineProperty;
var __defNormalProp = (obj, key, value) => key in obj ? __defProp(obj, key, { enumerable: true, value }) : obj[key] = value;
var __export = (target, all) => { for (var name in all) __defProp(target, name, { get: all[name], enumerable: true }); };
var __toCommonJS = (mod) => mod;
var __publicField = (obj, key, value) => __defNormalProp(obj, typeof key !== "symbol" ? key + "" : key, value);
var stdin_exports = {};
__export(stdin_exports, { ${name}: () => ${name} });
module.exports = __toCommonJS(stdin_exports);
/** add priority to workflows */
class ${name} {
  constructor() { __publicField(this, "transaction", false); __publicField(this, "name", "Named${stamp}"); }
  ${methods}
}
__publicField(${name}, "revision", "3f9c1b7a2d40");
__publicField(${name}, "downRevision", ["a1b2c3d4e5f6", "b1b2c3d4e5f6"]);
__publicField(${name}, "branchLabels", ["reports"]);
__publicField(${name}, "dependsOn", []);
__publicField(${name}, "replaces", { '0f9c1b7a2d40': "First${stamp - 2}", aa9c1b7a2d40: { name: "Second${stamp - 1}", replaces: { "b-b": "Zero${stamp - 3}" } } });
0 && (module.exports = { ${name} });
`,
    ],
    [
      'esbuild as ESM with static blocks',
      `/** add priority to workflows */
var ${name} = class {
  static { this.revision = "3f9c1b7a2d40"; }
  static { __publicField(this, "downRevision", ["a1b2c3d4e5f6", "b1b2c3d4e5f6"]); }
  static { this.branchLabels = ["reports"], this.dependsOn = []; }
  static { this.replaces = { '0f9c1b7a2d40': "First${stamp - 2}", aa9c1b7a2d40: { name: "Second${stamp - 1}", replaces: { "b-b": "Zero${stamp - 3}" } } }; }
  transaction = !1;
  name = "Named${stamp}";
  ${methods}
};
export { ${name} };
`,
    ],
    [
      'Babel',
      `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.${name} = void 0;
function _defineProperty(e, r, t) { return (r = _toPropertyKey(r)) in e ? Object.defineProperty(e, r, { value: t }) : e[r] = t, e; }
/** add priority to workflows */
class ${name} {
  constructor() { _defineProperty(this, "transaction", false); _defineProperty(this, "name", 'Named${stamp}'); }
  ${methods}
}
exports.${name} = ${name};
_defineProperty(${name}, "revision", '3f9c1b7a2d40');
_defineProperty(${name}, "downRevision", ['a1b2c3d4e5f6', 'b1b2c3d4e5f6']);
_defineProperty(${name}, "branchLabels", ['reports']);
_defineProperty(${name}, "dependsOn", []);
_defineProperty(${name}, "replaces", { '0f9c1b7a2d40': "First${stamp - 2}", aa9c1b7a2d40: { name: "Second${stamp - 1}", replaces: { "b-b": "Zero${stamp - 3}" } } });
`,
    ],
    [
      'tsc for a decorated class',
      `var ${name}_1;
/** add priority to workflows */
let ${name} = ${name}_1 = class ${name} { constructor() { this.transaction = false; this.name = 'Named${stamp}' } ${methods} };
${name}.revision = '3f9c1b7a2d40';
${name}.downRevision = ['a1b2c3d4e5f6', 'b1b2c3d4e5f6'];
${name}.branchLabels = ['reports'];
${name}.dependsOn = [];
${name}.replaces = { '0f9c1b7a2d40': "First${stamp - 2}", aa9c1b7a2d40: { name: "Second${stamp - 1}", replaces: { "b-b": "Zero${stamp - 3}" } } };
exports.${name} = ${name} = ${name}_1 = __decorate([x], ${name});
`,
    ],
  ])('reads the output of %s', async (_, compiled) => {
    expect(await readOne(compiled, 'compiled.js')).toMatchObject(expected)
  })

  test.each([
    ['module.exports = { X }', 'X'],
    ['module.exports = { Renamed: X }', 'Renamed'],
    ['module.exports = X', 'default'],
    ['exports.default = X', 'default'],
    ['exports.Y = exports.X = X', 'X'],
    ['module.exports.X = X', 'X'],
    ['exports["X"] = X', 'X'],
    ['Object.defineProperty(exports, "X", { enumerable: true, get: function () { return X; } })', 'X'],
  ])('reads handwritten CommonJS: %s', async (statement, exportName) => {
    const text = `class X { name = 'X${stamp}'; ${methods} }\n${statement}\n`
    expect(await readOne(text, 'hand.js')).toMatchObject({ exportName, name: `X${stamp}`, plain: true })
  })

  test.each([
    `module.exports = class X${stamp} { ${methods} }`,
    `exports.X${stamp} = class X${stamp} { ${methods} }`,
    `const X${stamp} = exports.X${stamp} = class { ${methods} }`,
    `export const X${stamp} = class { ${methods} }`,
    `export default class X${stamp} { ${methods} }`,
    `class X${stamp} { ${methods} } export default X${stamp}`,
    `export { X${stamp} as "a name" }; class X${stamp} { ${methods} }`,
  ])('finds the exported class in %s', async (text) => {
    expect(await readOne(text, 'hand.js')).toMatchObject({ name: `X${stamp}` })
  })
})

describe('readRevisions of plain TypeORM migrations', () => {
  const plain = (name: string): string =>
    `import { MigrationInterface, QueryRunner } from 'typeorm';
export class ${name} implements MigrationInterface {
    name = '${name}'
    public async up(queryRunner: QueryRunner): Promise<void> { await queryRunner.query(\`select 1\`); }
    public async down(queryRunner: QueryRunner): Promise<void> {}
}
`
  const own = (name: string, id: string, down: string) =>
    source({ name, fields: `  static revision = '${id}'\n  static downRevision = ${down}\n` })
  const idOf = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 12)
  const edges = (revisions: readonly Revision[]) => Object.fromEntries(revisions.map(({ name, down }) => [name, down]))

  test('derives ids from names and a linear order from timestamps', async () => {
    const revisions = await read({
      'b.ts': plain('B1700000000002'),
      'c.ts': plain('C1700000000001').replace("name = 'C1700000000001'", "name = 'Named1700000000003'"),
      'a.ts': plain('A1700000000001'),
    })
    expect(revisions.map(({ id, plain: isPlain }) => [id, isPlain])).toEqual([
      [idOf('A1700000000001'), true],
      [idOf('B1700000000002'), true],
      [idOf('Named1700000000003'), true],
    ])
    expect(edges(revisions)).toEqual({
      A1700000000001: [],
      B1700000000002: [idOf('A1700000000001')],
      Named1700000000003: [idOf('B1700000000002')],
    })
  })

  test('chains them after earlier revisions of either kind', async () => {
    const revisions = await read({
      'a.ts': plain('A1700000000001'),
      'b.ts': own('B1700000000002', 'bbb', `'${idOf('A1700000000001')}'`),
      'c.ts': plain('C1700000000003'),
    })
    expect(edges(revisions)).toMatchObject({ C1700000000003: ['bbb'] })
    expect(new RevisionGraph(revisions).heads.map(({ name }) => name)).toEqual(['C1700000000003'])
  })

  test('never lets one descend from its own descendants', async () => {
    const revisions = await read({
      'a.ts': plain('A1700000000001'),
      'x.ts': own('X1700000000002', 'xxx', `'${idOf('P1700000000004')}'`),
      'y.ts': own('Y1700000000003', 'yyy', "'xxx'"),
      'p.ts': plain('P1700000000004'),
    })
    expect(edges(revisions)).toMatchObject({ P1700000000004: [idOf('A1700000000001')] })
    expect(new RevisionGraph(revisions).heads.map(({ id }) => id)).toEqual(['yyy'])
  })

  test('orders equal timestamps by name, with one warning that says what settles it', async () => {
    const directory = await folder({
      'b.ts': plain('B1700000000001'),
      'a.ts': plain('A1700000000001'),
      'c.ts': plain('C1700000000001'),
      'd.ts': plain('D1700000000002'),
    })
    const { revisions, warnings } = await readRevisions([directory])
    expect(revisions.map(({ name }) => name.charAt(0))).toEqual(['A', 'B', 'C', 'D'])
    expect(warnings).toEqual([
      'A1700000000001, B1700000000001 and C1700000000001 have the same timestamp: they run in the order of their names. ' +
        `To settle it, write \`static readonly revision = '${idOf('B1700000000001')}'\` and ` +
        `\`static readonly downRevision = '${idOf('A1700000000001')}'\` into B1700000000001, and the same into those that follow`,
    ])
  })

  test('warns no more of equal timestamps once the order is declared', async () => {
    const [a, b] = ['A1700000000001', 'B1700000000001'].map(idOf)
    const { revisions, warnings } = await readRevisions([
      await folder({ 'b.ts': own('B1700000000001', b ?? '', `'${a ?? ''}'`), 'a.ts': plain('A1700000000001') }),
    ])
    expect(warnings).toEqual([])
    expect(edges(revisions)).toMatchObject({ B1700000000001: [a] })
  })
})

describe('readRevisions of a directory', () => {
  test('reads scripts of every kind and nothing else', async () => {
    const cjs = (n: number) => `exports.X${n} = class X${n} { async up() {} async down() {} }`
    const esm = (n: number) => `export class X${n} { async up() {} async down() {} }`
    const revisions = await read({
      'a.ts': esm(stamp),
      'b.js': cjs(stamp + 1),
      'c.mjs': esm(stamp + 2),
      'd.cjs': cjs(stamp + 3),
      'e.mts': esm(stamp + 4),
      'f.cts': cjs(stamp + 5),
      'a.d.ts': 'export declare class A {}',
      'a.js.map': '{}',
      'a.test.ts': 'not { a script',
      'b.spec.js': 'not { a script',
      '.hidden.ts': 'not { a script',
      'notes.md': '#',
      'sub/deep.ts': 'not { a script',
      'index.ts': "export * from './a'\nexport { Xb } from './b'\n",
    })
    expect(revisions.map(({ path: file }) => path.basename(file))).toEqual([
      'a.ts',
      'b.js',
      'c.mjs',
      'd.cjs',
      'e.mts',
      'f.cts',
    ])
  })

  test('reads several directories, each only once, and accepts an empty one', async () => {
    const one = await folder({ 'a.ts': source({ name: `A${stamp + 1}` }) })
    const two = await folder({ 'b.ts': source({ name: `B${stamp}` }) })
    expect((await readRevisions([one, two, `${one}/`])).revisions.map(({ name }) => name)).toEqual([
      `B${stamp}`,
      `A${stamp + 1}`,
    ])
    expect(await readRevisions([await folder()])).toEqual({ revisions: [], warnings: [], skipped: [] })
    expect(await readRevisions([])).toEqual({ revisions: [], warnings: [], skipped: [] })
  })

  test('refuses a missing directory, and a file in its place', async () => {
    const directory = await folder({ file: '' })
    const missing = await caughtAsync(() => readRevisions([path.join(directory, 'nowhere')]))
    expect(missing.code).toBe('ALUDEL_REVISION_DIRECTORY')
    expect(missing.message).toBe(`the revision directory ${directory}/nowhere does not exist`)
    expect((await caughtAsync(() => readRevisions([path.join(directory, 'file')]))).code).toBe(
      'ALUDEL_REVISION_DIRECTORY',
    )
  })

  test('reads a thousand files', async () => {
    const files = Array.from({ length: 1000 }, (_, index) => [
      `${stamp + index}-x.ts`,
      source({
        name: `X${stamp + index}`,
        fields: `  static revision = 'r${index}'\n  static downRevision = ${index === 0 ? 'null' : `'r${index - 1}'`}\n`,
      }),
    ])
    const graph = new RevisionGraph(await read(Object.fromEntries(files) as Record<string, string>))
    expect(graph.size).toBe(1000)
    expect(graph.heads.map(({ id }) => id)).toEqual(['r999'])
  })
})

describe('readRevisions of invalid files', () => {
  test('refuses a file that does not parse, and names line and column', async () => {
    for (const [text, place] of [
      [source({ body: 'const = 3' }), ':9:11'],
      ['const = 3', ':1:7'],
      [source().slice(0, -3), ':14:4'],
    ] as const) {
      const error = await refusal({ 'broken.ts': text })
      expect(error.code).toBe('ALUDEL_REVISION_SYNTAX')
      expect(error.message).toContain(`/broken.ts${place} does not parse: `)
    }
  })

  test.each([
    ['', ''],
    ['constants', 'export const tables = ["users"]\nexport type Id = string\nexport enum Kind { A = 1 }'],
    ['a function', 'export async function addIndex(queryRunner, table) { await queryRunner.query(table) }'],
    ['a helper class', 'export class Names { quote(name) { return name } }\nclass Inner {}'],
    ['a base class', 'export abstract class Base { abstract up(); down() {} }'],
    [
      'another base class',
      'export abstract class Base implements MigrationInterface { async up() {} async down() {} }',
    ],
    ['exports of other files', "export * from './a'\nexport { X1 } from './b'"],
    ['a CommonJS helper', "'use strict'\nexports.quote = (name) => name"],
    ['a script', "console.log('hello')"],
  ])('skips a file next to revisions that contains no revision: %s', async (_what, text) => {
    const directory = await folder({ 'a.ts': source(), 'helper.ts': text, 'index.js': '' })
    const { revisions, skipped } = await readRevisions([directory])
    expect(revisions).toHaveLength(1)
    expect(skipped).toEqual([path.join(directory, 'helper.ts'), path.join(directory, 'index.js')])
  })

  test.each([
    ['1763750000000-add.ts', '', ', but its name begins with a timestamp'],
    ['1763750000000-add.js', 'exports.up = () => 1', ', but its name begins with a timestamp'],
    ['1763750000000-add.ts', "export * from './other'", ', but its name begins with a timestamp'],
    ['add.ts', 'class X1763750000000 { async up() {} }', ': class X1763750000000 is not exported'],
    ['add.ts', 'class X implements MigrationInterface {}', ': class X is not exported'],
    ['add.ts', 'const X = class { async up() {} async down() {} }', ': class X is not exported'],
    ['add.ts', 'class X1763750000000 extends Base {}', ': class X1763750000000 is not exported'],
    ['add.ts', 'export class X { down() {} }', ': class X has no method up'],
    ['add.ts', 'class X { down() {} }', ': class X is not exported and has no method up'],
    ['add.ts', "export class X { static revision = 'a' }", ': class X has no method up'],
    ['add.ts', "export abstract class X { static revision = 'a'; up() {} }", ': class X is abstract'],
    ['add.js', "var X = (function () { function X() {} X.revision = 'a'; return X })()", ': class X is not exported'],
    ['add.js', 'class X {}\nX.revision = "a"', ': class X is not exported and has no method up'],
    ['index.ts', 'class X1763750000000 { async up() {} }', ': class X1763750000000 is not exported'],
    ['add.ts', 'export const Add1763750000000 = revision({})', ': Add1763750000000 is not a class that can be read'],
  ])('refuses %s, which is meant as a revision and exports none: %j', async (name, text, mistake) => {
    const error = await refusal({ [name]: text })
    expect(error.code).toBe('ALUDEL_REVISION_INVALID')
    expect(error.message).toContain(`/${name} exports no migration class${mistake}`)
  })

  test.each([
    ['static revision = id', 'revision', 'that is not a literal string'],
    ['static revision = `a${1}`', 'revision', 'that is not a literal string'],
    ['static revision = 12', 'revision', 'that is not a literal string'],
    ["static revision = 'a'\nstatic downRevision = [other]", 'downRevision', 'not a literal'],
    ["static revision = 'a'\nstatic downRevision = ['a', ...more]", 'downRevision', 'not a literal'],
    ["static revision = 'a'\nstatic downRevision = null\nstatic branchLabels = f()", 'branchLabels', 'not a literal'],
    ["static revision = 'a'\nstatic downRevision = null\nstatic dependsOn = { a: 1 }", 'dependsOn', 'not a literal'],
    ["static revision = 'a'", 'revision', 'no downRevision'],
    ["static downRevision = 'a'", 'downRevision', 'no revision'],
    ["static revision = 'a-1'\nstatic downRevision = null", 'revision', 'has the invalid id'],
    ["static revision = 'head'\nstatic downRevision = null", 'revision', 'has the invalid id'],
    [
      "static revision = 'a'\nstatic downRevision = null\nstatic branchLabels = ['x@y']",
      'branchLabels',
      'has the invalid branch label',
    ],
    ["static revision = 'a'\nstatic downRevision = null\nstatic replaces = ['b']", 'replaces', 'not a literal object'],
    ["static revision = 'a'\nstatic downRevision = null\nstatic replaces = {}", 'replaces', 'not a literal object'],
    [
      "static revision = 'a'\nstatic downRevision = null\nstatic replaces = { b: c }",
      'replaces',
      'not a literal object',
    ],
    [
      "static revision = 'a'\nstatic downRevision = null\nstatic replaces = { ...c }",
      'replaces',
      'not a literal object',
    ],
    ["static replaces = { b: 'B1700000000000' }", 'replaces', 'no revision'],
    ['transaction = isPostgres()', 'transaction', 'neither true nor false'],
    ['name = makeName()', 'name', 'not a literal'],
    ["static revision = 'a'\nstatic get downRevision() { return find() }", 'downRevision', 'not a literal'],
  ])('refuses a class with the fields: %s', async (fields, field, text) => {
    const error = await refusal({ 'bad.ts': source({ fields }) })
    expect(error.code).toBe('ALUDEL_REVISION_INVALID')
    expect(error.message).toContain(text)
    const line = 5 + fields.split('\n').findIndex((one) => one.includes(field))
    expect(error.message).toContain(`/bad.ts:${line})`)
    expect(error.details['field']).toBe(field)
  })

  test('refuses a class name without a timestamp, unless its name property has one', async () => {
    for (const name of ['AddPriority', 'AddPriority123', `X${stamp}a`]) {
      const error = await refusal({ 'bad.ts': source({ name }) })
      expect(error.code).toBe('ALUDEL_REVISION_INVALID')
      expect(error.message).toContain('13-digit timestamp')
      expect(error.message).toContain('/bad.ts:4)')
    }
    const named = source({ name: 'AddPriority', fields: `  name = 'AddPriority${stamp}'` })
    expect(await readOne(named)).toMatchObject({
      name: `AddPriority${stamp}`,
      exportName: 'AddPriority',
      timestamp: stamp,
    })
  })

  test('refuses one class name in two files, and names both', async () => {
    const error = await refusal({
      'a.ts': source(),
      'a.js': `exports.X = class AddPriority${stamp} { async up() {} async down() {} }`,
    })
    expect(error.code).toBe('ALUDEL_DUPLICATE_REVISION')
    expect(error.message).toMatch(/\/a\.js:1 and in .*\/a\.ts:4/)
  })

  test('refuses a file that cannot be read', async () => {
    const directory = await folder({ 'a.ts': source() })
    await rm(path.join(directory, 'a.ts'))
    await mkdir(path.join(directory, 'sub'))
    const { symlink } = await import('node:fs/promises')
    await symlink(path.join(directory, 'gone.ts'), path.join(directory, 'link.ts'))
    const error = await caughtAsync(() => readRevisions([directory]))
    expect(error.code).toBe('ALUDEL_REVISION_DIRECTORY')
    expect(error.message).toContain('link.ts')
  })
})
