// cspell:ignore aeiou
import { readFile } from 'node:fs/promises'

import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }
import type {
  ArrowFunctionExpression,
  CallExpression,
  Directive,
  Function as FunctionNode,
  Program,
  Statement,
  VariableDeclaration,
} from 'oxc-parser' with { 'resolution-mode': 'import' }

import type { Direction, Revision } from '../revision/revision'
import { type ClassInfo, extractClasses } from './extract'
import {
  type AnyExpression,
  bare,
  exportNameOf,
  identifierOf,
  keyOf,
  literalOf,
  memberOf,
  statementsOf,
} from './literals'

/** What a revision sends, as its file says it. */
export type WrittenStatement =
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  /** A call of `batched`; its options, of which none is a function. */
  | { readonly kind: 'batched'; readonly options: Readonly<Record<string, unknown>> }

/** The statements of one method, or why only running it tells them. */
export type MethodStatements =
  | {
      readonly statements: readonly WrittenStatement[]
      /** What the class has as `static effects`, where it is a literal. */
      readonly effects?: unknown
    }
  /** `line 12 calls queryRunner.createTable` */
  | { readonly reason: string }

/**
 * Reads what a revision sends to a database of one type from the syntax tree of its file. No code runs. It follows what can
 * have one meaning only: `queryRunner.query` with literals, constants of the file, `if` and `switch` over the type of the
 * database, loops over literal lists, and `batched`. Everything else (an answer that is looked at, TypeORM's own methods,
 * imported code) is known only when the revision runs.
 *
 * @param parser `oxc-parser`
 * @param file its name says which language it is
 * @param driverType `queryRunner.connection.options.type`
 * @example
 * const { statements } = readStatements(parser, path, text, 'AddUsers1763750000000', 'upgrade', 'postgres')
 */
export function readStatements(
  parser: typeof oxc,
  file: string,
  text: string,
  exportName: string,
  direction: Direction,
  driverType: string,
): MethodStatements {
  const options = /\.[cm][jt]s$/.test(file) ? {} : ({ sourceType: 'unambiguous' } as const)
  const { program } = parser.parseSync(file, text, options)
  const info = extractClasses(program).find((one) => one.exportName === exportName)?.info
  const name = direction === 'upgrade' ? 'up' : 'down'
  const method = info === undefined ? undefined : methodOf(info, name)
  if (info === undefined || method === undefined) return { reason: `${name}() is not written in the class itself` }
  try {
    const reader = new MethodReader(program, info, driverType)
    return { statements: reader.read(method), effects: reader.effects() }
  } catch (error) {
    if (!(error instanceof OnlyWhenItRuns)) throw error
    const line = text.slice(0, error.start).split('\n').length
    return { reason: `line ${String(line)} ${error.what}` }
  }
}

/** The interpreter came to something that it does not follow. */
class OnlyWhenItRuns extends Error {
  constructor(
    readonly what: string,
    readonly start: number,
  ) {
    super(what)
  }
}

type Method = FunctionNode | ArrowFunctionExpression

function methodOf({ node }: ClassInfo, name: string): Method | undefined {
  for (const member of node?.body.body ?? []) {
    if (member.type !== 'MethodDefinition' && member.type !== 'PropertyDefinition') continue
    if (member.static || keyOf(member.key, member.computed) !== name) continue
    if (member.type === 'MethodDefinition') return member.value.body === null ? undefined : member.value
    const value = member.value === null ? null : bare(member.value)
    if (value?.type === 'ArrowFunctionExpression' || value?.type === 'FunctionExpression') return value
  }
  return undefined
}

/** What stands for a thing that is there only when the revision runs. */
class Thing {
  constructor(readonly kind: 'runner' | 'dataSource' | 'driver' | 'options' | 'answer' | 'self') {}
}

type Value = unknown

/** How many passes of loops are followed: a file that needs more is not one that somebody reviews. */
const mostPasses = 10_000

/** Follows one method. */
class MethodReader {
  readonly #written: WrittenStatement[] = []
  readonly #names = new Map<string, Value>()
  /** Top-level constants of the file that have not been looked at yet. */
  readonly #constants = new Map<string, AnyExpression>()
  /** Local names of `batched`. */
  readonly #batched = new Set<string>()
  #passes = 0

  constructor(
    program: Program,
    private readonly info: ClassInfo,
    private readonly driverType: string,
  ) {
    for (const statement of program.body) this.#noteTopLevel(statement)
  }

  effects(): unknown {
    const node = this.info.statics.get('effects')
    return node === undefined ? undefined : this.#known(node)
  }

  read(method: Method): readonly WrittenStatement[] {
    const [parameter] = method.params
    if (parameter?.type === 'Identifier') this.#names.set(parameter.name, new Thing('runner'))
    else if (parameter !== undefined) throw new OnlyWhenItRuns('takes its parameter apart', parameter.start)
    const inner = generatorIn(method) ?? method
    if (inner.type === 'ArrowFunctionExpression' && inner.body.type !== 'BlockStatement') this.#value(inner.body)
    else this.#block(statementsOf(inner))
    return this.#written
  }

  #noteTopLevel(statement: Directive | Statement): void {
    if (statement.type === 'ImportDeclaration' && hasBatched(statement.source.value)) {
      for (const specifier of statement.specifiers)
        if (specifier.type === 'ImportSpecifier' && exportNameOf(specifier.imported) === 'batched')
          this.#batched.add(specifier.local.name)
    }
    const declaration =
      statement.type === 'ExportNamedDeclaration' && statement.declaration !== null ? statement.declaration : statement
    if (declaration.type !== 'VariableDeclaration' || declaration.kind !== 'const') return
    for (const { id, init } of declaration.declarations) {
      if (id.type !== 'Identifier' || init === null) continue
      // How compilers write an import: `const migration_1 = require('@aludel/engine/migration')`.
      const call = bare(init)
      const [argument = null] = call?.type === 'CallExpression' ? call.arguments : []
      const source =
        call?.type === 'CallExpression' && identifierOf(call.callee) === 'require' ? literalOf(argument) : ''
      if (typeof source === 'string' && hasBatched(source)) this.#batched.add(`${id.name}.batched`)
      else this.#constants.set(id.name, init)
    }
  }

  /** @returns true when the method has returned, or a loop or a `switch` was left */
  #block(statements: readonly (Directive | Statement)[]): 'return' | 'break' | 'continue' | undefined {
    for (const statement of statements) {
      const left = this.#statement(statement)
      if (left !== undefined) return left
    }
    return undefined
  }

  #statement(statement: Directive | Statement): 'return' | 'break' | 'continue' | undefined {
    switch (statement.type) {
      case 'EmptyStatement':
      case 'TSTypeAliasDeclaration':
      case 'TSInterfaceDeclaration':
        return undefined
      case 'BlockStatement':
        return this.#block(statement.body)
      case 'ExpressionStatement':
        if (!('directive' in statement) || statement.directive === null) this.#value(statement.expression)
        return undefined
      case 'VariableDeclaration':
        this.#declare(statement)
        return undefined
      case 'ReturnStatement':
        if (statement.argument !== null) this.#value(statement.argument)
        return 'return'
      case 'IfStatement':
        if (this.#truth(statement.test)) return this.#statement(statement.consequent)
        return statement.alternate === null ? undefined : this.#statement(statement.alternate)
      case 'SwitchStatement': {
        const value = this.#known(statement.discriminant)
        const matches = statement.cases.findIndex(({ test }) => test !== null && this.#known(test) === value)
        const first = matches === -1 ? statement.cases.findIndex(({ test }) => test === null) : matches
        if (first === -1) return undefined
        const left = this.#block(statement.cases.slice(first).flatMap(({ consequent }) => consequent))
        return left === 'break' ? undefined : left
      }
      case 'ForOfStatement':
        return this.#loop(statement)
      case 'BreakStatement':
      case 'ContinueStatement':
        if (statement.label !== null) throw new OnlyWhenItRuns('jumps to a label', statement.start)
        return statement.type === 'BreakStatement' ? 'break' : 'continue'
      case 'ThrowStatement':
        throw new OnlyWhenItRuns('throws an error', statement.start)
      default:
        throw new OnlyWhenItRuns(`has ${wordsOf(statement.type)}`, statement.start)
    }
  }

  #loop(statement: Extract<Statement, { type: 'ForOfStatement' }>): 'return' | undefined {
    const list = this.#known(statement.right)
    const { left } = statement
    const target = left.type === 'VariableDeclaration' ? left.declarations[0]?.id : undefined
    if (!Array.isArray(list) || target === undefined) throw new OnlyWhenItRuns('has a loop', statement.start)
    for (const item of list as readonly Value[]) {
      this.#passes += 1
      if (this.#passes > mostPasses) throw new OnlyWhenItRuns('has a long loop', statement.start)
      this.#bind(target, item)
      const how = this.#statement(statement.body)
      if (how === 'return') return 'return'
      if (how === 'break') break
    }
    return undefined
  }

  #declare(declaration: VariableDeclaration): void {
    for (const { id, init } of declaration.declarations) {
      if (init === null) throw new OnlyWhenItRuns('declares a variable without a value', declaration.start)
      this.#bind(id, this.#value(init))
    }
  }

  #bind(target: VariableDeclaration['declarations'][number]['id'], value: Value): void {
    if (target.type === 'Identifier') {
      this.#names.set(target.name, value)
      return
    }
    if (target.type === 'ArrayPattern' && Array.isArray(value)) {
      for (const [index, element] of target.elements.entries())
        if (element?.type === 'Identifier') this.#names.set(element.name, (value as readonly Value[])[index])
        else if (element !== null) throw new OnlyWhenItRuns('takes a value apart', target.start)
      return
    }
    if (target.type === 'ObjectPattern' && isRecord(value)) {
      for (const property of target.properties) {
        const key = property.type === 'Property' ? keyOf(property.key, property.computed) : undefined
        const local = property.type === 'Property' ? property.value : undefined
        if (key === undefined || local?.type !== 'Identifier')
          throw new OnlyWhenItRuns('takes a value apart', target.start)
        this.#names.set(local.name, value[key])
      }
      return
    }
    throw new OnlyWhenItRuns('takes a value apart', target.start)
  }

  #truth(test: AnyExpression): boolean {
    return Boolean(this.#known(test))
  }

  /** A value that is there before the revision runs. */
  #known(node: AnyExpression): Value {
    const value = this.#value(node)
    if (hasThing(value)) throw new OnlyWhenItRuns('looks at what only a database knows', startOf(node))
    return value
  }

  #value(given: AnyExpression): Value {
    const node = bare(given)
    if (node === null) return undefined
    switch (node.type) {
      case 'Literal':
        if ('regex' in node) break
        return node.value
      case 'TemplateLiteral':
        return node.quasis
          .map(({ value }, index) => {
            const part = node.expressions[index]
            return (value.cooked ?? '') + (part === undefined ? '' : this.#text(part))
          })
          .join('')
      case 'Identifier':
        return this.#named(node.name, node.start)
      case 'ThisExpression':
        return new Thing('self')
      case 'AwaitExpression':
        return this.#value(node.argument)
      case 'YieldExpression':
        return node.argument === null ? undefined : this.#value(node.argument)
      case 'ArrayExpression':
        return node.elements.flatMap((element): Value[] => {
          if (element === null) return [undefined]
          if (element.type !== 'SpreadElement') return [this.#value(element)]
          const list = this.#known(element.argument)
          if (!Array.isArray(list)) throw new OnlyWhenItRuns('spreads a value', element.start)
          return list as Value[]
        })
      case 'ObjectExpression':
        return Object.fromEntries(
          node.properties.map((property): [string, Value] => {
            const key = property.type === 'Property' ? keyOf(property.key, property.computed) : undefined
            if (property.type !== 'Property' || property.kind !== 'init' || key === undefined)
              throw new OnlyWhenItRuns('has an object that is no literal', property.start)
            return [key, this.#value(property.value)]
          }),
        )
      case 'MemberExpression':
        return this.#member(node)
      case 'BinaryExpression':
        if (node.left.type === 'PrivateIdentifier') break
        return this.#binary(node.operator, this.#known(node.left), this.#known(node.right), node.start)
      case 'LogicalExpression': {
        const left = this.#known(node.left)
        if (node.operator === '&&') return left ? this.#value(node.right) : left
        if (node.operator === '||' && !left) return this.#value(node.right)
        if (node.operator === '||') return left
        return left ?? this.#value(node.right)
      }
      case 'ConditionalExpression':
        return this.#truth(node.test) ? this.#value(node.consequent) : this.#value(node.alternate)
      case 'UnaryExpression': {
        if (node.operator === 'void') return undefined
        const value = this.#known(node.argument)
        if (node.operator === '!') return !value
        if (node.operator === '-' && typeof value === 'number') return -value
        break
      }
      case 'SequenceExpression':
        return node.expressions.map((expression) => this.#value(expression)).at(-1)
      case 'CallExpression':
        return this.#call(node)
      default:
    }
    throw new OnlyWhenItRuns(`has ${wordsOf(node.type)}`, node.start)
  }

  #text(node: AnyExpression): string {
    const value = this.#known(node)
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw new OnlyWhenItRuns('puts a value into a text', startOf(node))
  }

  #named(name: string, start: number): Value {
    if (name === 'undefined') return undefined
    if (this.#names.has(name)) return this.#names.get(name)
    const constant = this.#constants.get(name)
    if (constant === undefined) throw new OnlyWhenItRuns(`uses ${name}`, start)
    // A constant that needs itself is none.
    this.#constants.delete(name)
    const value = this.#value(constant)
    this.#names.set(name, value)
    return value
  }

  #member(node: Extract<AnyExpression, { type: 'MemberExpression' }>): Value {
    const object = this.#value(node.object)
    const name = memberOf(node)?.name ?? (node.computed ? String(this.#known(node.property)) : undefined)
    if (name !== undefined && object instanceof Thing) {
      if (object.kind === 'self') return this.#field(name, node.start)
      if (object.kind === 'options' && name === 'type') return this.driverType
      const next = parts[object.kind]?.[name]
      if (next !== undefined) return new Thing(next)
    } else if (name !== undefined && !hasThing(object)) {
      if (Array.isArray(object) && (name === 'length' || /^\d+$/.test(name)))
        return name === 'length' ? object.length : (object as readonly Value[])[Number(name)]
      if (isRecord(object) && Object.hasOwn(object, name)) return object[name]
    }
    if (object instanceof Thing && object.kind === 'answer')
      throw new OnlyWhenItRuns('looks at what a query returned', node.start)
    throw new OnlyWhenItRuns(`uses ${sourceOf(node)}`, node.start)
  }

  /** `this.table`, where it is a field with a literal. */
  #field(name: string, start: number): Value {
    const field = this.info.instance.get(name)
    if (field === undefined) throw new OnlyWhenItRuns(`uses this.${name}`, start)
    return this.#value(field)
  }

  #binary(operator: string, left: Value, right: Value, start: number): Value {
    switch (operator) {
      case '===':
      case '==':
        return left === right
      case '!==':
      case '!=':
        return left !== right
      case '+':
        if (typeof left === 'string' && typeof right === 'string') return left + right
        if (typeof left === 'number' && typeof right === 'number') return left + right
        break
      default:
    }
    throw new OnlyWhenItRuns('computes a value', start)
  }

  #call(call: CallExpression): Value {
    // `(0, migration_1.batched)(…)`
    const given = bare(call.callee)
    const callee = given?.type === 'SequenceExpression' ? bare(given.expressions.at(-1) ?? null) : given
    if (this.#batched.has(sourceOf(callee))) return this.#callBatched(call)
    const member = callee === null ? undefined : memberOf(callee)
    if (member === undefined) throw new OnlyWhenItRuns(`calls ${sourceOf(callee)}`, call.start)
    const object = identifierOf(member.object)
    // Prints, and does nothing else.
    if (object === 'console' && !this.#names.has('console')) return undefined
    if (object === 'Promise' && member.name === 'all') return this.#all(call)
    const target = this.#value(member.object)
    if (target instanceof Thing && target.kind === 'self' && member.name === 'isReplaced') {
      // The guard of a squash: the plan has answered it.
      return false
    }
    if (!(target instanceof Thing) || target.kind !== 'runner')
      throw new OnlyWhenItRuns(`calls ${sourceOf(callee)}`, call.start)
    const transaction = transactionCalls[member.name]
    if (transaction !== undefined && call.arguments.length === 0) return this.#note(transaction, [])
    if (member.name !== 'query') throw new OnlyWhenItRuns(`calls ${sourceOf(callee)}`, call.start)
    const [sql, parameters] = call.arguments.map((argument) => this.#argument(argument))
    if (typeof sql !== 'string') throw new OnlyWhenItRuns('sends a text that is no literal', call.start)
    if (parameters !== undefined && !Array.isArray(parameters))
      throw new OnlyWhenItRuns('has parameters that are no list', call.start)
    return this.#note(sql, (parameters ?? []) as readonly unknown[])
  }

  #argument(argument: CallExpression['arguments'][number]): Value {
    if (argument.type === 'SpreadElement') throw new OnlyWhenItRuns('spreads a value', argument.start)
    return this.#known(argument)
  }

  #note(sql: string, parameters: readonly unknown[]): Value {
    this.#written.push({ kind: 'query', sql, parameters })
    return new Thing('answer')
  }

  #all(call: CallExpression): Value {
    const [list] = call.arguments
    const array = list === undefined || list.type === 'SpreadElement' ? null : bare(list)
    if (array?.type !== 'ArrayExpression') throw new OnlyWhenItRuns('calls Promise.all', call.start)
    for (const element of array.elements) if (element !== null) this.#value(element)
    return new Thing('answer')
  }

  #callBatched(call: CallExpression): Value {
    const [runner, options] = call.arguments
    if (runner === undefined || options === undefined || call.arguments.length !== 2)
      throw new OnlyWhenItRuns('calls batched', call.start)
    const target = runner.type === 'SpreadElement' ? undefined : this.#value(runner)
    if (!(target instanceof Thing) || target.kind !== 'runner') throw new OnlyWhenItRuns('calls batched', call.start)
    const given = this.#argument(options)
    if (!isRecord(given)) throw new OnlyWhenItRuns('calls batched', call.start)
    this.#written.push({ kind: 'batched', options: given })
    return new Thing('answer')
  }
}

/** True for the module that has `batched`, by its name or by its place in this repository. */
function hasBatched(source: string): boolean {
  return source === '@aludel/engine/migration' || /(?:^|\/)engine\/(?:src|dist)\/migration$/.test(source)
}

/** Where `queryRunner.connection.options` and its kin lead. */
const parts: Readonly<Record<string, Readonly<Record<string, Thing['kind']>>>> = {
  runner: { connection: 'dataSource', dataSource: 'dataSource' },
  dataSource: { options: 'options', driver: 'driver' },
  driver: { options: 'options' },
}

const transactionCalls: Readonly<Record<string, string>> = {
  startTransaction: 'BEGIN',
  commitTransaction: 'COMMIT',
  rollbackTransaction: 'ROLLBACK',
}

/** The generator in which compilers wrap an async method: tsc's `__awaiter`, swc's `_async_to_generator`. */
function generatorIn(method: Method): FunctionNode | undefined {
  const [only, more] = statementsOf(method).filter((statement) => !('directive' in statement))
  if (only?.type !== 'ReturnStatement' || more !== undefined || only.argument === null) return undefined
  let call = bare(only.argument)
  while (call?.type === 'CallExpression') {
    for (const argument of call.arguments) {
      const inner = argument.type === 'SpreadElement' ? null : bare(argument)
      if (inner?.type === 'FunctionExpression' && inner.generator) return inner
    }
    const callee = bare(call.callee)
    call = callee?.type === 'MemberExpression' ? bare(callee.object) : callee
  }
  return undefined
}

function hasThing(value: Value): boolean {
  if (value instanceof Thing) return true
  if (Array.isArray(value)) return value.some(hasThing)
  return isRecord(value) && Object.values(value).some(hasThing)
}

function isRecord(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function startOf(node: AnyExpression): number {
  return node?.start ?? 0
}

/** `queryRunner.manager.save`, as far as it is made of names. */
function sourceOf(node: AnyExpression): string {
  const inner = bare(node)
  if (inner === null) return 'a function'
  const member = memberOf(inner)
  if (member !== undefined) return `${sourceOf(member.object)}.${member.name}`
  if (inner.type === 'ThisExpression') return 'this'
  if (inner.type === 'CallExpression') return `${sourceOf(inner.callee)}()`
  return identifierOf(inner) ?? 'a function'
}

/** `TryStatement` as `a try statement`. */
function wordsOf(type: string): string {
  const words = type
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/^TS/, '')
    .toLowerCase()
    .trim()
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`
}

/**
 * What a method of a revision sends, as its file says it: {@link readStatements} for a file that is there.
 *
 * @param driverType `queryRunner.connection.options.type`
 */
export async function statementsInFile(
  { path, exportName }: Pick<Revision, 'path' | 'exportName'>,
  direction: Direction,
  driverType: string,
): Promise<MethodStatements> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    // It was there when it was listed, or is not from a file at all.
    return { reason: 'its file cannot be read' }
  }
  // Loading the parser takes longer than all the rest.
  return readStatements(await import('oxc-parser'), path, text, exportName, direction, driverType)
}
