import type {
  AssignmentExpression,
  CallExpression,
  Directive,
  ImportDeclaration,
  Program,
  Statement,
  VariableDeclarator,
} from 'oxc-parser' with { 'resolution-mode': 'import' }

import { type AnyExpression, bare, exportNameOf, identifierOf, literalOf, memberOf } from './literals'
import type { AnyNode } from './canonical'

/** An import: `name` of the module `from`; `*` is the whole module. */
export interface Imported {
  readonly from: string
  readonly name: string
}

/** A top-level declaration of a file. */
interface Declared {
  /** In source order; the declarator of `const a = …`. */
  readonly parts: AnyNode[]
}

/** The top level of a file, as written by hand or by a compiler, without mere re-exports. */
export interface ModuleScope {
  readonly imports: ReadonlyMap<string, Imported>
  readonly declared: ReadonlyMap<string, Declared>
  /** Assignments such as `X.field = …`, by the name of X. */
  readonly assigned: ReadonlyMap<string, readonly AnyNode[]>
  /** Statements that do something when the file is loaded. */
  readonly effects: readonly AnyNode[]
  /** Modules that are imported only for their side effects. */
  readonly loaded: readonly string[]
}

/**
 * Reads the top level of a file: ESM, or CommonJS as tsc, swc and esbuild write it.
 *
 * @example
 * moduleScope(parse("const typeorm_1 = require('typeorm')")).imports.get('typeorm_1') // { from: 'typeorm', name: '*' }
 */
export function moduleScope(program: Program): ModuleScope {
  const reader = new Reader()
  for (const statement of program.body) reader.visit(statement)
  return reader
}

class Reader implements ModuleScope {
  readonly imports = new Map<string, Imported>()
  readonly declared = new Map<string, Declared>()
  readonly assigned = new Map<string, AnyNode[]>()
  readonly effects: AnyNode[] = []
  readonly loaded: string[] = []

  visit(statement: Directive | Statement): void {
    switch (statement.type) {
      case 'ImportDeclaration':
        this.#import(statement)
        break
      case 'TSImportEqualsDeclaration':
        if (statement.moduleReference.type === 'TSExternalModuleReference')
          this.#note(statement.id.name, statement.moduleReference.expression.value, '*')
        break
      case 'VariableDeclaration':
        if (statement.declare !== true) for (const one of statement.declarations) this.#variable(one)
        break
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
      case 'TSEnumDeclaration':
        if (statement.id !== null && !statement.declare) this.#declare(statement.id.name, statement)
        break
      case 'ExportNamedDeclaration':
        if (statement.declaration !== null) this.visit(statement.declaration)
        break
      case 'ExportDefaultDeclaration': {
        const { declaration } = statement
        if (declaration.type === 'ClassDeclaration' || declaration.type === 'FunctionDeclaration')
          this.visit(declaration)
        break
      }
      case 'ExpressionStatement':
        if (!('directive' in statement) || statement.directive === null) this.#expression(statement.expression)
        break
      case 'EmptyStatement':
      case 'ExportAllDeclaration':
        break
      default:
        if (!statement.type.startsWith('TS')) this.effects.push(asNode(statement))
    }
  }

  #import({ source, specifiers, importKind }: ImportDeclaration): void {
    if (importKind === 'type') return
    if (specifiers.length === 0) this.loaded.push(moduleName(source.value))
    for (const specifier of specifiers) {
      if (specifier.type === 'ImportSpecifier') {
        if (specifier.importKind !== 'type')
          this.#note(specifier.local.name, source.value, exportNameOf(specifier.imported))
      } else
        this.#note(specifier.local.name, source.value, specifier.type === 'ImportDefaultSpecifier' ? 'default' : '*')
    }
  }

  #note(local: string, from: string, name: string): void {
    this.imports.set(local, { from: moduleName(from), name })
  }

  #declare(name: string, node: object): void {
    const known = this.declared.get(name)
    if (known === undefined) this.declared.set(name, { parts: [asNode(node)] })
    else known.parts.push(asNode(node))
  }

  #variable(declarator: VariableDeclarator): void {
    const { id, init } = declarator
    const from = requiredBy(init)
    const member = init === null ? undefined : memberOf(init)
    const fromMember = member === undefined ? undefined : requiredBy(member.object)
    if (id.type === 'Identifier') {
      if (from !== undefined) this.#note(id.name, from, '*')
      else if (member !== undefined && fromMember !== undefined) this.#note(id.name, fromMember, member.name)
      // `var Color` before the function that fills an enum.
      else if (init !== null) this.#declare(id.name, init)
      else if (!this.declared.has(id.name)) this.declared.set(id.name, { parts: [] })
      return
    }
    if (from !== undefined && id.type === 'ObjectPattern') {
      for (const property of id.properties) {
        const local = property.type === 'Property' ? identifierOf(property.value as AnyExpression) : undefined
        const key = property.type === 'Property' && property.key.type === 'Identifier' ? property.key.name : undefined
        if (local !== undefined && key !== undefined) this.#note(local, from, key)
      }
      return
    }
    for (const name of boundNames(asNode(id))) this.#declare(name, declarator)
  }

  #expression(given: AnyExpression): void {
    const expression = bare(given)
    switch (expression?.type) {
      case 'SequenceExpression':
        for (const one of expression.expressions) this.#expression(one)
        return
      case 'AssignmentExpression':
        this.#assignment(expression)
        return
      case 'LogicalExpression':
        // `0 && (module.exports = { … })`: how esbuild declares exports for static readers.
        if (expression.operator === '&&' && isZero(expression.left)) return
        break
      case 'CallExpression':
        if (this.#call(expression)) return
        break
      default:
    }
    if (expression !== null) this.effects.push(asNode(expression))
  }

  #assignment(expression: AssignmentExpression): void {
    const { left, right, operator } = expression
    const member = memberOf(left)
    const object = member === undefined ? undefined : identifierOf(member.object)
    if (operator === '=' && member !== undefined && isExports(member.object)) {
      const value = bare(right)
      if (value?.type === 'AssignmentExpression') this.#assignment(value)
      else if (value?.type === 'ClassExpression') this.#declare(member.name, value)
      // `exports.a = void 0` and `exports.a = a` are mere re-exports; `exports.tables = [...]` is how tsc declares.
      else if (value?.type !== 'Identifier' && value?.type !== 'UnaryExpression' && value !== null)
        this.#declare(member.name, value)
      return
    }
    if (operator === '=' && member?.name === 'exports' && object === 'module') return
    if (object !== undefined && this.declared.has(object)) this.#assign(object, expression)
    else this.effects.push(asNode(expression))
  }

  #assign(object: string, node: object): void {
    const known = this.assigned.get(object)
    if (known === undefined) this.assigned.set(object, [asNode(node)])
    else known.push(asNode(node))
  }

  /** @returns true for a call that belongs to the module system or to a compiler's helpers */
  #call(call: CallExpression): boolean {
    const required = requiredBy(call)
    if (required !== undefined) {
      this.loaded.push(moduleName(required))
      return true
    }
    const args = call.arguments.map((one) => bare(one))
    if (args.some((one) => isExports(one))) return true
    const [target = null, key = null] = args
    const object = identifierOf(target)
    if (object !== undefined && this.declared.has(object) && typeof literalOf(key) === 'string') {
      this.#assign(object, call)
      return true
    }
    // `(function (Color) { … })(Color || (Color = {}))`
    if (target?.type === 'LogicalExpression' && target.operator === '||') {
      const name = identifierOf(target.left)
      if (name !== undefined && this.declared.get(name)?.parts.length === 0) {
        this.#declare(name, call)
        return true
      }
    }
    return false
  }
}

/** The module that `require('x')` loads, perhaps inside a compiler's helper: `__importStar(require('x'))`. */
function requiredBy(node: AnyExpression): string | undefined {
  const call = bare(node)
  if (call?.type !== 'CallExpression') return undefined
  const [argument = null] = call.arguments
  const name = literalOf(argument)
  if (identifierOf(call.callee) === 'require' && typeof name === 'string') return name
  return bare(argument)?.type === 'CallExpression' ? requiredBy(argument) : undefined
}

/** The name of a module without the parts that compilers add: the extension, `node:`. */
function moduleName(name: string): string {
  return name.startsWith('.') ? name.replace(/\.[cm]?[jt]s$/, '') : name.replace(/^node:/, '')
}

function isExports(node: AnyExpression): boolean {
  const member = memberOf(node)
  return (
    identifierOf(node) === 'exports' ||
    (member?.name === 'exports' && identifierOf(member.object) === 'module') ||
    // esbuild's `__export(name_exports, { … })`
    identifierOf(node)?.endsWith('_exports') === true
  )
}

function isZero(node: AnyExpression): boolean {
  const inner = bare(node)
  return inner?.type === 'Literal' && inner.value === 0
}

/** At least the names that a pattern binds. A surplus name only makes the hash cover more of the file. */
function boundNames(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(boundNames)
  if (typeof node !== 'object' || node === null) return []
  if ('type' in node && node.type === 'Identifier' && 'name' in node) return [String(node.name)]
  return Object.values(node).flatMap(boundNames)
}

function asNode(node: object): AnyNode {
  return node as AnyNode
}
