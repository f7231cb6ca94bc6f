import { createHash } from 'node:crypto'

import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }

import { type AnyNode, canonical, isNode, isTypeOnly, keyOf, type Naming, unwrapped } from './canonical'
import { enumMembers } from './enums'
import { type ClassInfo, extractClasses } from './extract'
import { type AnyExpression, identifierOf, isUndefined, literalOf, memberOf } from './literals'
import { descriptorPart } from './members'
import { type Imported, type ModuleScope, moduleScope } from './module'
import { errorIn, type Parsed, parseSource } from './parse'

/** Fields that declare a revision's place in the graph and how it runs, not what it does. */
const ownFields: ReadonlySet<string> = new Set([
  ...['revision', 'downRevision', 'branchLabels', 'dependsOn', 'replaces', 'effects'],
  ...['name', 'transaction'],
])

/** Digits of a hash, half of the 64 that the journal has room for. */
const length = 32

/**
 * Hashes of what the migrations of a file do, by export name. A hash covers the methods and fields of the class, and the
 * functions, constants and classes of the file that they use.
 *
 * It ignores format, comments, types, the place in the graph, and the names of the file and the class. Compiling does not
 * change it, unless newer syntax is rewritten for an older target (tsc and swc, from ES2017 on, ESM and CommonJS).
 *
 * @param parser `oxc-parser`
 * @param file its extension decides the language
 * @returns 32 hex digits each; none for a class that was compiled to a function
 * @throws Error the file does not parse
 * @example
 * codeHashes(await import('oxc-parser'), '1763750000000-users.ts', text).get('Users1763750000000') // 'f0e4c2f76c58…'
 */
export function codeHashes(parser: typeof oxc, file: string, text: string): ReadonlyMap<string, string> {
  return codeHashesIn(parseSource(parser, file, text))
}

/** {@link codeHashes} for a file that was parsed already. */
export function codeHashesIn(parsed: Parsed): ReadonlyMap<string, string> {
  const { program } = parsed
  const error = errorIn(parsed)
  if (error !== undefined) throw new Error(error.message)
  const scope = moduleScope(program)
  const migrations = extractClasses(program).filter(({ info }) => info.migration)
  const nodes = new Set(migrations.map(({ info }) => info.node))
  return new Map(
    migrations.flatMap(({ exportName, info }) => {
      if (info.node === undefined) return []
      return [[exportName, new CodeOf(scope, info, nodes).hash()] as const]
    }),
  )
}

/** The code of one migration: its class, and the parts of its file that the class uses. */
class CodeOf implements Naming {
  readonly #used = new Set<string>()
  readonly #imports = new Set<string>()
  /** What the file calls the class. */
  readonly #self: ReadonlySet<string>

  constructor(
    private readonly scope: ModuleScope,
    private readonly info: ClassInfo,
    private readonly migrations: ReadonlySet<ClassInfo['node']>,
  ) {
    const names = [...scope.declared].flatMap(([name, { parts }]) =>
      parts.some((part) => part === node(info)) ? [name] : [],
    )
    this.#self = new Set([...names, ...(info.node?.id == null ? [] : [info.node.id.name])])
  }

  hash(): string {
    const own = this.#class(node(this.info), [...this.#self])
    const effects = this.scope.effects.map((effect) => canonical(effect, this))
    const parts: string[] = []
    // The set grows during the loop: a used part may use further parts.
    for (const name of this.#used) parts.push(`${name} ${this.#declaration(name)}`)
    const whole = [own, ...effects, ...parts.sort(), ...[...this.#imports, ...this.scope.loaded].sort()]
    return createHash('sha256').update(JSON.stringify(whole)).digest('hex').slice(0, length)
  }

  identifier(name: string): string {
    if (this.#self.has(name)) return '(Self)'
    const imported = this.scope.imports.get(name)
    if (imported !== undefined) return this.#imported(imported)
    if (this.scope.declared.has(name)) this.#used.add(name)
    return name
  }

  ofModule(object: string, name: string): string | undefined {
    if (object === 'exports' && this.scope.declared.has(name)) return this.identifier(name)
    const imported = this.scope.imports.get(object)
    if (imported !== undefined) return imported.name === '*' ? this.#imported({ ...imported, name }) : undefined
    // Compilers may inline the values of enum members.
    const value = this.#members(object)?.get(JSON.stringify(name))
    return value === undefined || value.startsWith('(') ? undefined : value
  }

  #members(name: string): ReadonlyMap<string, string> | undefined {
    const [only, more] = this.scope.declared.get(name)?.parts ?? []
    return more === undefined ? enumMembers(name, only, this) : undefined
  }

  #imported({ from, name }: Imported): string {
    this.#imports.add(`${name} of ${from}`)
    return name
  }

  #declaration(name: string): string {
    const { parts = [] } = this.scope.declared.get(name) ?? {}
    const assigned = this.scope.assigned.get(name) ?? []
    const [first, more] = parts
    const members = this.#members(name)
    if (members !== undefined) return JSON.stringify([...members])
    if (more === undefined && (first?.type === 'ClassDeclaration' || first?.type === 'ClassExpression'))
      return this.#class(first, [name])
    return canonical([...parts, ...assigned], this)
  }

  /**
   * The methods and fields of a class. For targets without class fields, the constructor sets instance fields, and
   * statements after the class set static ones.
   *
   * @param names of the class in statements of the file
   */
  #class(given: AnyNode, names: readonly string[]): string {
    const skipped = this.migrations.has(given as unknown as ClassInfo['node']) ? ownFields : new Set<string>()
    const members: string[] = []
    const add = (name: string, text: string): void => {
      if (!skipped.has(name)) members.push(text)
    }
    const field = (side: string, name: string, value: unknown): void => {
      // One compiler keeps `seen!: Row[]` as a field without a value, another drops it.
      if (!isUndefined(value as AnyExpression)) add(name, `${side} ${JSON.stringify(name)} ${canonical(value, this)}`)
    }
    const note = (side: string, part: AnyNode): void => {
      const set = fieldSetBy(part)
      if (set !== undefined) field(side, set.name, set.value)
      else if (!isSuperCall(part)) members.push(canonical(part, this))
    }
    const body = isNode(given['body']) ? given['body']['body'] : []
    for (const member of Array.isArray(body) ? body.filter(isNode) : []) {
      const side = member['static'] === true ? 'static' : 'own'
      if (member.type === 'StaticBlock') for (const one of statementsOf(member)) note('static', one)
      else if (member.type.startsWith('TS') || isTypeOnly(member)) continue
      else if (member['kind'] === 'constructor') {
        const made = isNode(member['value']) ? member['value'] : undefined
        for (const one of Array.isArray(made?.['params']) ? made['params'].filter(isNode) : []) {
          members.push(`parameter ${canonical(one, this)}`)
          const name = one.type === 'TSParameterProperty' ? boundName(one) : undefined
          if (name !== undefined) field('own', name, { type: 'Identifier', name })
        }
        for (const one of statementsOf(made?.['body'])) note('own', one)
      } else if (member.type === 'MethodDefinition') add(nameOf(member, this), canonical(member, this))
      else field(side, nameOf(member, this), member['value'])
    }
    for (const name of names) for (const one of this.scope.assigned.get(name) ?? []) note('static', one)
    // Sorted: the order of methods does not matter, and compilers keep no order between static and instance fields.
    return `(Class ${canonical(given['superClass'], this)} ${members.sort().join(' ')})`
  }
}

function node(info: ClassInfo): AnyNode {
  return info.node as unknown as AnyNode
}

function nameOf(member: AnyNode, naming: Naming): string {
  const key = keyOf(member, naming)
  return key.startsWith('"') ? (JSON.parse(key) as string) : key
}

function statementsOf(block: unknown): readonly AnyNode[] {
  const body = isNode(block) ? block['body'] : undefined
  return Array.isArray(body) ? body.filter(isNode) : []
}

/** `this.x = …`, `X.x = …`, `Object.defineProperty(this, 'x', { value: … })`, `_define_property(X, 'x', …)`. */
function fieldSetBy(part: AnyNode): { readonly name: string; readonly value: unknown } | undefined {
  const given = unwrapped(part.type === 'ExpressionStatement' ? part['expression'] : part)
  const expression = given as unknown as AnyExpression
  if (expression?.type === 'AssignmentExpression' && expression.operator === '=') {
    const member = memberOf(expression.left)
    return member === undefined ? undefined : { name: member.name, value: expression.right }
  }
  if (expression?.type !== 'CallExpression') return undefined
  const [target = null, key = null, value = null] = expression.arguments
  const name = literalOf(key)
  const isField = target?.type === 'ThisExpression' || identifierOf(target) !== undefined
  return isField && typeof name === 'string' ? { name, value: descriptorPart(value, 'value') ?? value } : undefined
}

/** The name of `private readonly size = 1` among the parameters of a constructor. */
function boundName(parameter: AnyNode): string | undefined {
  const inner = unwrapped(parameter['parameter'])
  const name = (inner?.type === 'AssignmentPattern' ? unwrapped(inner['left']) : inner)?.['name']
  return typeof name === 'string' ? name : undefined
}

function isSuperCall(part: AnyNode): boolean {
  const call = unwrapped(part['expression'])
  return isNode(call?.['callee']) && call['callee'].type === 'Super'
}
