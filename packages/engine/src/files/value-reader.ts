import type { CallExpression, Directive, Program, Statement, VariableDeclaration } from 'oxc-parser' with {
  'resolution-mode': 'import',
}

import type { ClassInfo } from './extract'
import { type AnyExpression, bare, exportNameOf, identifierOf, keyOf, literalOf, memberOf } from './literals'
import { hasThing, isRecord, OnlyWhenItRuns, sourceOf, startOf, Thing, wordsOf } from './only-when-it-runs'

/** A statement that a revision sends, as written in its file. */
export type WrittenStatement = (
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  /** A call of `batched` with its options, none of which is a function. */
  | { readonly kind: 'batched'; readonly options: Readonly<Record<string, unknown>> }
) & {
  /** Offset of the call in the file. */
  readonly start: number
}

type Value = unknown

/** The name or pattern that a declaration binds. */
export type Target = VariableDeclaration['declarations'][number]['id']

/** Evaluates expressions of one method, and notes the statements that their calls send. */
export class ValueReader {
  readonly written: WrittenStatement[] = []
  /** False if the method also does what is no query: it prints, or calls another method of the query runner. */
  onlySends = true
  readonly #names = new Map<string, Value>()
  /** Top-level constants of the file that have not been evaluated yet. */
  readonly #constants = new Map<string, AnyExpression>()
  /** Local names of `batched`. */
  readonly #batched = new Set<string>()

  constructor(
    program: Program,
    private readonly info: ClassInfo,
    private readonly driverType: string,
  ) {
    for (const statement of program.body) this.#noteTopLevel(statement)
  }

  /** Binds a value to a name, or its parts to the names of a pattern. */
  bind(target: Target, value: Value): void {
    if (target.type === 'Identifier') {
      this.#names.set(target.name, value)
      return
    }
    if (target.type === 'ArrayPattern' && Array.isArray(value)) {
      for (const [index, element] of target.elements.entries())
        if (element?.type === 'Identifier') this.#names.set(element.name, (value as readonly Value[])[index])
        else if (element !== null) throw new OnlyWhenItRuns('unpacks a value', target.start)
      return
    }
    if (target.type === 'ObjectPattern' && isRecord(value)) {
      for (const property of target.properties) {
        const key = property.type === 'Property' ? keyOf(property.key, property.computed) : undefined
        const local = property.type === 'Property' ? property.value : undefined
        if (key === undefined || local?.type !== 'Identifier') throw new OnlyWhenItRuns('unpacks a value', target.start)
        this.#names.set(local.name, value[key])
      }
      return
    }
    throw new OnlyWhenItRuns('unpacks a value', target.start)
  }

  /** A value that is known before the revision runs. */
  known(node: AnyExpression): Value {
    const value = this.value(node)
    if (hasThing(value)) throw new OnlyWhenItRuns('depends on the database', startOf(node))
    return value
  }

  /** The value of an expression; a {@link Thing} for an object that exists only when the revision runs. */
  value(given: AnyExpression): Value {
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
        return this.value(node.argument)
      case 'YieldExpression':
        return node.argument === null ? undefined : this.value(node.argument)
      case 'ArrayExpression':
        return node.elements.flatMap((element): Value[] => {
          if (element === null) return [undefined]
          if (element.type !== 'SpreadElement') return [this.value(element)]
          const list = this.known(element.argument)
          if (!Array.isArray(list)) throw new OnlyWhenItRuns('spreads a value', element.start)
          return list as Value[]
        })
      case 'ObjectExpression':
        return Object.fromEntries(
          node.properties.map((property): [string, Value] => {
            const key = property.type === 'Property' ? keyOf(property.key, property.computed) : undefined
            if (property.type !== 'Property' || property.kind !== 'init' || key === undefined)
              throw new OnlyWhenItRuns('has an object that is not a literal', property.start)
            return [key, this.value(property.value)]
          }),
        )
      case 'MemberExpression':
        return this.#member(node)
      case 'BinaryExpression':
        if (node.left.type === 'PrivateIdentifier') break
        return this.#binary(node.operator, this.known(node.left), this.known(node.right), node.start)
      case 'LogicalExpression': {
        const left = this.known(node.left)
        if (node.operator === '&&') return left ? this.value(node.right) : left
        if (node.operator === '||' && !left) return this.value(node.right)
        if (node.operator === '||') return left
        return left ?? this.value(node.right)
      }
      case 'ConditionalExpression':
        return this.known(node.test) ? this.value(node.consequent) : this.value(node.alternate)
      case 'UnaryExpression': {
        if (node.operator === 'void') return undefined
        const value = this.known(node.argument)
        if (node.operator === '!') return !value
        if (node.operator === '-' && typeof value === 'number') return -value
        break
      }
      case 'SequenceExpression':
        return node.expressions.map((expression) => this.value(expression)).at(-1)
      case 'CallExpression':
        return this.#call(node)
      default:
    }
    throw new OnlyWhenItRuns(`has ${wordsOf(node.type)}`, node.start)
  }

  #text(node: AnyExpression): string {
    const value = this.known(node)
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw new OnlyWhenItRuns('inserts a value into a text', startOf(node))
  }

  #named(name: string, start: number): Value {
    if (name === 'undefined') return undefined
    if (this.#names.has(name)) return this.#names.get(name)
    const constant = this.#constants.get(name)
    if (constant === undefined) throw new OnlyWhenItRuns(`uses ${name}`, start)
    // Removed first, so that a constant that refers to itself is an error and not a loop.
    this.#constants.delete(name)
    const value = this.value(constant)
    this.#names.set(name, value)
    return value
  }

  #member(node: Extract<AnyExpression, { type: 'MemberExpression' }>): Value {
    const object = this.value(node.object)
    const name = memberOf(node)?.name ?? (node.computed ? String(this.known(node.property)) : undefined)
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
      throw new OnlyWhenItRuns('uses the result of a query', node.start)
    throw new OnlyWhenItRuns(`uses ${sourceOf(node)}`, node.start)
  }

  /** `this.table`, if it is a field with a known value. */
  #field(name: string, start: number): Value {
    const field = this.info.instance.get(name)
    if (field === undefined) throw new OnlyWhenItRuns(`uses this.${name}`, start)
    return this.value(field)
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
    if (object === 'console' && !this.#names.has('console')) {
      this.onlySends = false
      return undefined
    }
    if (object === 'Promise' && member.name === 'all') return this.#all(call)
    // The call says more of what the revision uses than the class of the application, or the entity manager, alone.
    if (memberOf(member.object)?.name === 'manager') throw new OnlyWhenItRuns(`calls ${sourceOf(callee)}`, call.start)
    if (object !== undefined && /^[A-Z]/.test(object) && !this.#names.has(object) && !this.#constants.has(object))
      throw new OnlyWhenItRuns(`calls ${sourceOf(callee)}`, call.start)
    const target = this.value(member.object)
    if (target instanceof Thing && target.kind === 'self' && member.name === 'isReplaced') {
      // The guard of a squash: the plan has already decided it.
      this.onlySends = false
      return false
    }
    if (!(target instanceof Thing) || target.kind !== 'runner')
      throw new OnlyWhenItRuns(`calls ${sourceOf(callee)}`, call.start)
    const transaction = transactionCalls[member.name]
    if (transaction !== undefined && call.arguments.length === 0) {
      this.onlySends = false
      return this.#note(transaction, [], call.start)
    }
    if (member.name !== 'query') throw new OnlyWhenItRuns(`calls ${sourceOf(callee)}`, call.start)
    const [sql, parameters] = call.arguments.map((argument) => this.#argument(argument))
    if (typeof sql !== 'string') throw new OnlyWhenItRuns('sends SQL that is not a literal', call.start)
    if (parameters !== undefined && !Array.isArray(parameters))
      throw new OnlyWhenItRuns('has parameters that are not a list', call.start)
    return this.#note(sql, (parameters ?? []) as readonly unknown[], call.start)
  }

  #argument(argument: CallExpression['arguments'][number]): Value {
    if (argument.type === 'SpreadElement') throw new OnlyWhenItRuns('spreads a value', argument.start)
    return this.known(argument)
  }

  #note(sql: string, parameters: readonly unknown[], start: number): Value {
    this.written.push({ kind: 'query', sql, parameters, start })
    return new Thing('answer')
  }

  #all(call: CallExpression): Value {
    const [list] = call.arguments
    const array = list === undefined || list.type === 'SpreadElement' ? null : bare(list)
    if (array?.type !== 'ArrayExpression') throw new OnlyWhenItRuns('calls Promise.all', call.start)
    for (const element of array.elements) if (element !== null) this.value(element)
    return new Thing('answer')
  }

  #callBatched(call: CallExpression): Value {
    const [runner, options] = call.arguments
    if (runner === undefined || options === undefined || call.arguments.length !== 2)
      throw new OnlyWhenItRuns('calls batched', call.start)
    const target = runner.type === 'SpreadElement' ? undefined : this.value(runner)
    if (!(target instanceof Thing) || target.kind !== 'runner') throw new OnlyWhenItRuns('calls batched', call.start)
    const given = this.#argument(options)
    if (!isRecord(given)) throw new OnlyWhenItRuns('calls batched', call.start)
    this.written.push({ kind: 'batched', options: given, start: call.start })
    return new Thing('answer')
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
}

/** True for the module that exports `batched`, by its name or by its path in this repository. */
function hasBatched(source: string): boolean {
  return source === '@aludel/engine/migration' || /(?:^|\/)engine\/(?:src|dist)\/migration$/.test(source)
}

/** The properties that lead from the query runner to the options of its DataSource. */
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
