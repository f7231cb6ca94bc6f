import type { Jiti, JitiOptions } from 'jiti' with { 'resolution-mode': 'import' }

import { isEsmScope, marker } from './transform'

/** Compiles a source to CommonJS: an option of jiti. */
export type Transform = NonNullable<JitiOptions['transform']>

/** The parts of Babel's syntax tree and its builders that are used: https://babeljs.io/docs/babel-types */
type Node = Readonly<Record<string, unknown>>
type Builder = (...parts: readonly unknown[]) => Node
interface Member {
  readonly type: string
  readonly key: Node
  readonly computed?: boolean
  readonly static?: boolean
  readonly value?: unknown
  definite?: boolean
  decorators?: readonly { readonly expression: Node }[] | null
}
interface ClassPath {
  readonly node: { readonly body: { body: (Member | Node)[] } }
}
interface Program {
  traverse(visitor: { Class(found: ClassPath): void }): void
}

/**
 * Does what TypeScript does with fields, since the plugin for decorators that jiti has needs another one for that, which it has not:
 * a field without a value (`name!: string`) is only a type, as with `useDefineForClassFields: false`; the decorators of a field are
 * called when the class is defined, the last one first, with the prototype. Runs on the whole file before other plugins see a
 * class, and after the one that adds `design:type`.
 */
const fields = ({ types }: { readonly types: Readonly<Record<string, Builder>> }) => ({
  visitor: {
    Program(program: Program): void {
      program.traverse({ Class: ({ node }) => void (node.body.body = withoutDecorated(node.body.body, types)) })
    },
  },
})

function withoutDecorated(
  members: readonly (Member | Node)[],
  types: Readonly<Record<string, Builder>>,
): (Member | Node)[] {
  const calls: Node[] = []
  const kept = members.filter((member) => {
    if (!isField(member)) return true
    const { decorators } = member
    if (decorators !== undefined && decorators !== null && decorators.length > 0) {
      calls.push(callOf(member, decorators, types))
      member.decorators = null
    } else if (member.static === true) return true
    member.definite = false
    return member.value !== null && member.value !== undefined
  })
  return calls.length === 0 ? kept : [...kept, build(types, 'staticBlock', calls)]
}

function isField(member: Member | Node): member is Member {
  return member.type === 'ClassProperty'
}

/** `[Column(), Reflect.metadata(…)].reduceRight((_, decorate) => decorate(this.prototype, "name"), 0)` */
function callOf(
  { key, computed, static: isStatic }: Member,
  decorators: readonly { readonly expression: Node }[],
  types: Readonly<Record<string, Builder>>,
): Node {
  const name = (text: string): Node => build(types, 'identifier', text)
  const self = build(types, 'thisExpression')
  const target = isStatic === true ? self : build(types, 'memberExpression', self, name('prototype'))
  const property = computed === true || key['type'] !== 'Identifier' ? key : build(types, 'stringLiteral', key['name'])
  const list = build(
    types,
    'arrayExpression',
    decorators.map(({ expression }) => expression),
  )
  const call = build(types, 'callExpression', name('_decorate'), [target, property])
  const each = build(types, 'arrowFunctionExpression', [name('_before'), name('_decorate')], call)
  const reduce = build(types, 'memberExpression', list, name('reduceRight'))
  return build(
    types,
    'expressionStatement',
    build(types, 'callExpression', reduce, [each, build(types, 'numericLiteral', 0)]),
  )
}

function build(types: Readonly<Record<string, Builder>>, kind: string, ...parts: readonly unknown[]): Node {
  const builder = types[kind]
  if (builder === undefined) throw new TypeError(`Babel builds no ${kind}`)
  return builder(...parts)
}

/** How jiti passes on an error of Babel. */
const failed = 'exports.__JITI_ERROR__ = '

/**
 * The Babel that is part of jiti: JavaScript in one file, which needs no native code and writes nothing. It handles legacy
 * decorators and `emitDecoratorMetadata`.
 *
 * @throws SyntaxError naming file, line and column
 */
export function babelOf(jiti: Jiti): Transform {
  return (options) => {
    // Imports are synchronous, as those of the other compiler are.
    const plugins = options.ts === true ? [fields] : []
    const code = jiti.transform({
      ...options,
      interopDefault: true,
      async: false,
      babel: { ...options.babel, plugins },
    })
    if (code.startsWith(failed)) throw syntaxError(code.slice(failed.length))
    return { code: mark + (isEsmScope(options.filename ?? '') ? code.replace(wasModule, isOurs) : code) }
  }
}

const mark = `Object.defineProperty(exports,${marker},{value:true});`
/** In Babel's helpers for default imports: "is a module that was ESM before it was compiled". */
const wasModule = /\b(\w+) && \1\.__esModule(?= \?|\))/g
/** In an ES module, the default of a CommonJS module is the whole module, as in Node, unless it was compiled here. */
const isOurs = `$1 && $1.__esModule && ($1[${marker}] || $1[Symbol.toStringTag] === 'Module')`

function syntaxError(json: string): SyntaxError {
  const { message, filename, line, column } = JSON.parse(json) as Readonly<Record<string, string | number>>
  return new SyntaxError(
    `${String(message).split('\n')[0]?.trim() ?? ''} (${String(filename)}:${String(line)}:${String(column)})`,
  )
}
