import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }

import { type AnyNode, isNode } from './canonical'
import { parseSource } from './parse'
import { kindOf } from './type-kind'
import { nodes, type ResolveModule, textOf, TypeFiles } from './type-scope'

/** A decorated property whose type is not one that a database has. */
export interface UntypedProperty {
  readonly className: string
  readonly property: string
  readonly path: string
  /** From 1. */
  readonly line: number
  /** As it is written; undefined if the property has none. */
  readonly type: string | undefined
}

/** Rewrites the types of decorated properties in a TypeScript source. */
export type RewriteTypes = (source: string, filename: string) => string

/** Constructors of values that some column type takes. All others are rewritten to themselves or not at all. */
const written: Readonly<Record<string, string>> = {
  String: 'string',
  Number: 'number',
  Boolean: 'boolean',
  BigInt: 'bigint',
  Date: 'Date',
  Buffer: 'Buffer',
  Uint8Array: 'Uint8Array',
}

/** Types that the single-file compiler writes as the type-checking compiler does. */
const plain = /^TS(?:String|Number|Boolean|BigInt|Any|Unknown|Object)Keyword$/

const untyped = new Map<string, UntypedProperty>()

/**
 * The properties that TypeORM may mean by `User.role`: those of this class or, as it names the entity where a base class
 * or an embedded class has the property, those with this name in the other loaded files.
 */
export function untypedProperties(className: string, property: string): readonly UntypedProperty[] {
  const named = [...untyped.values()].filter((one) => one.property === property)
  const own = named.filter((one) => one.className === className)
  return own.length > 0 ? own : named
}

/**
 * Creates a function that writes into a source what only a compiler that knows all files can tell: without a type in its
 * decorator a column has that of its property, and an enum or an alias is declared elsewhere. `role!: Role` becomes
 * `role!: string` where `Role` is an enum of texts or an alias of such a union. Null and undefined are left out of unions.
 * Lines stay as they are.
 *
 * @param parser `oxc-parser`
 */
export function typeRewriter(parser: typeof oxc, resolve: ResolveModule): RewriteTypes {
  const files = new TypeFiles(parser, resolve)
  return (source, filename) => {
    if (!source.includes('@') || !/\.[cm]?tsx?$/.test(filename)) return source
    const parsed = parseSource(parser, filename, source)
    const edits: { readonly at: number; readonly end: number; readonly text: string }[] = []
    const scope = files.ofProgram(filename, parsed.program)
    for (const { className, member } of decorated(parsed.program)) {
      const annotation = annotationOf(member)
      const type = annotation?.['typeAnnotation']
      if (isNode(type) && plain.test(type.type)) continue
      const text = isNode(type) ? source.slice(Number(type['start']), Number(type['end'])) : undefined
      const property = textOf(member['key'])
      const kind = isNode(type) ? kindOf(type, scope) : 'Object'
      const word = written[kind]
      if (word !== undefined && isNode(type) && text !== undefined) {
        if (text !== word) edits.push({ at: Number(type['start']), end: Number(type['end']), text: padded(word, text) })
        continue
      }
      const line = source.slice(0, Number(member['start'])).split('\n').length + linesBefore(source, member)
      untyped.set(JSON.stringify([filename, className, property]), {
        className,
        property,
        path: filename,
        line,
        type: text,
      })
      // The compiler writes no type for a property without one; the one that checks types writes Object.
      const key = member['key']
      if (text === undefined && member.type === 'PropertyDefinition' && isNode(key) && member['computed'] !== true) {
        const end = Number(key['end']) + (member['optional'] === true || member['definite'] === true ? 1 : 0)
        edits.push({ at: end, end, text: ': object' })
      }
    }
    return edits
      .sort((one, other) => other.at - one.at)
      .reduce((text, { at, end, text: put }) => text.slice(0, at) + put + text.slice(end), source)
  }
}

/** Decorators may be on lines of their own: the property is on the line of its name. */
function linesBefore(source: string, member: AnyNode): number {
  const key = member['key']
  return isNode(key) ? source.slice(Number(member['start']), Number(key['start'])).split('\n').length - 1 : 0
}

/** As many lines as before. */
function padded(word: string, text: string): string {
  return word + text.replace(/[^\n]/g, '')
}

/** The decorated members of all classes at the top level. */
function decorated(program: oxc.Program): { readonly className: string; readonly member: AnyNode }[] {
  return nodes(program.body).flatMap((statement) => {
    const declaration = isNode(statement['declaration']) ? statement['declaration'] : statement
    if (declaration.type !== 'ClassDeclaration' || !isNode(declaration['body'])) return []
    const className = textOf(declaration['id'])
    return nodes(declaration['body']['body'])
      .filter((member) => nodes(member['decorators']).length > 0 && isTyped(member))
      .map((member) => ({ className, member }))
  })
}

function isTyped(member: AnyNode): boolean {
  return member.type === 'MethodDefinition' ? member['kind'] === 'get' : member.type === 'PropertyDefinition'
}

function annotationOf(member: AnyNode): AnyNode | undefined {
  const holder = member.type === 'MethodDefinition' && isNode(member['value']) ? member['value'] : member
  const annotation = holder === member ? member['typeAnnotation'] : holder['returnType']
  return isNode(annotation) ? annotation : undefined
}
