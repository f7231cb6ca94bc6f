import type {
  ArrowFunctionExpression,
  Directive,
  Function as FunctionNode,
  Program,
  Statement,
  VariableDeclaration,
} from 'oxc-parser' with { 'resolution-mode': 'import' }

import type { ClassInfo } from './extract'
import { bare, statementsOf } from './literals'
import { OnlyWhenItRuns, Thing, wordsOf } from './only-when-it-runs'
import { ValueReader, type WrittenStatement } from './value-reader'

export type Method = FunctionNode | ArrowFunctionExpression

/** How a list of statements ended early. */
type Left = 'return' | 'break' | 'continue' | undefined

/** Loop passes that are followed at most. No reviewed revision file needs more. */
const mostPasses = 10_000

/** Follows the statements of one method of a class. */
export class MethodReader {
  readonly #values: ValueReader
  #passes = 0

  constructor(
    program: Program,
    private readonly info: ClassInfo,
    driverType: string,
  ) {
    this.#values = new ValueReader(program, info, driverType)
  }

  /** The value of `static effects`; undefined if it is not a literal. */
  effects(): unknown {
    const node = this.info.statics.get('effects')
    try {
      return node === undefined ? undefined : this.#values.known(node)
    } catch (error) {
      if (error instanceof OnlyWhenItRuns) return undefined
      throw error
    }
  }

  /** See {@link ValueReader.onlySends}; after {@link read}. */
  get onlySends(): boolean {
    return this.#values.onlySends
  }

  /** @throws OnlyWhenItRuns if the statements cannot be read from the file */
  read(method: Method): readonly WrittenStatement[] {
    const [parameter] = method.params
    if (parameter?.type === 'Identifier') this.#values.bind(parameter, new Thing('runner'))
    else if (parameter !== undefined) throw new OnlyWhenItRuns('unpacks its parameter', parameter.start)
    const inner = generatorIn(method) ?? method
    if (inner.type === 'ArrowFunctionExpression' && inner.body.type !== 'BlockStatement') this.#values.value(inner.body)
    else this.#block(statementsOf(inner))
    return this.#values.written
  }

  /** @returns how the statements ended early; undefined if they did not */
  #block(statements: readonly (Directive | Statement)[]): Left {
    for (const statement of statements) {
      const left = this.#statement(statement)
      if (left !== undefined) return left
    }
    return undefined
  }

  #statement(statement: Directive | Statement): Left {
    switch (statement.type) {
      case 'EmptyStatement':
      case 'TSTypeAliasDeclaration':
      case 'TSInterfaceDeclaration':
        return undefined
      case 'BlockStatement':
        return this.#block(statement.body)
      case 'ExpressionStatement':
        if (!('directive' in statement) || statement.directive === null) this.#values.value(statement.expression)
        return undefined
      case 'VariableDeclaration':
        this.#declare(statement)
        return undefined
      case 'ReturnStatement':
        if (statement.argument !== null) this.#values.value(statement.argument)
        return 'return'
      case 'IfStatement':
        if (this.#values.known(statement.test)) return this.#statement(statement.consequent)
        return statement.alternate === null ? undefined : this.#statement(statement.alternate)
      case 'SwitchStatement': {
        const value = this.#values.known(statement.discriminant)
        const matches = statement.cases.findIndex(({ test }) => test !== null && this.#values.known(test) === value)
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
    const list = this.#values.known(statement.right)
    const { left } = statement
    const target = left.type === 'VariableDeclaration' ? left.declarations[0]?.id : undefined
    if (!Array.isArray(list) || target === undefined) throw new OnlyWhenItRuns('has a loop', statement.start)
    for (const item of list as readonly unknown[]) {
      this.#passes += 1
      if (this.#passes > mostPasses) throw new OnlyWhenItRuns('has a long loop', statement.start)
      this.#values.bind(target, item)
      const how = this.#statement(statement.body)
      if (how === 'return') return 'return'
      if (how === 'break') break
    }
    return undefined
  }

  #declare(declaration: VariableDeclaration): void {
    for (const { id, init } of declaration.declarations) {
      if (init === null) throw new OnlyWhenItRuns('declares a variable without a value', declaration.start)
      this.#values.bind(id, this.#values.value(init))
    }
  }
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
