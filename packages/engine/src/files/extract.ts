import type {
  AssignmentExpression,
  CallExpression,
  Class,
  Directive,
  Function as FunctionNode,
  Program,
  Statement,
} from 'oxc-parser' with { 'resolution-mode': 'import' }

import {
  type AnyExpression,
  bare,
  exportNameOf,
  identifierOf,
  keyOf,
  literalOf,
  memberOf,
  returnedBy,
  statementsOf,
} from './literals'
import { descriptorPart, isMigration, methodsOf, noteThis, propertiesOf, setField } from './members'

/** A class as its file declares it. Fields map to the expressions assigned to them. */
export interface ClassInfo {
  /** The future `constructor.name`; undefined for a class without a name. */
  name?: string
  /** Offset of the declaring statement; the doc comment precedes it. */
  readonly start: number
  /** Absent for a class that was compiled to an ES5 function. */
  readonly node?: Class
  readonly statics: Map<string, AnyExpression>
  readonly instance: Map<string, AnyExpression>
  /** True for a class with a method `up`, and one that implements `MigrationInterface`. */
  migration: boolean
}

/** A class and the name under which a file exports it. */
export interface ExportedClass {
  readonly exportName: string
  readonly info: ClassInfo
}

/**
 * Finds the exported classes of a program without running it, as written by hand and as compilers write them
 * (tsc to ES5 and later, esbuild, swc, Babel; CommonJS and ESM).
 */
export function extractClasses(program: Program): readonly ExportedClass[] {
  const scope = new Scope()
  for (const statement of program.body) scope.visit(statement)
  return scope.exported()
}

/** All classes that are declared at the top level of a program, exported or not, and the names of all its exports. */
export function extractNames(program: Program): {
  readonly classes: readonly ClassInfo[]
  readonly exports: readonly string[]
} {
  const scope = new Scope()
  for (const statement of program.body) scope.visit(statement)
  return scope.names()
}

/** The top level of a module, or the body of a function that defines a class. */
class Scope {
  readonly #bindings = new Map<string, ClassInfo>()
  /** Variables that hold the prototype of a class. */
  readonly #prototypes = new Map<string, ClassInfo>()
  readonly #exports: { readonly name: string; readonly target: ClassInfo | string }[] = []
  /** The class that an immediately called function returns. */
  returned: ClassInfo | undefined
  #start = 0

  /** One entry for each class; if it has several export names, its own name wins. */
  exported(): readonly ExportedClass[] {
    const found = new Map<ClassInfo, string>()
    for (const { name, target } of this.#exports) {
      const info = typeof target === 'string' ? this.#bindings.get(target) : target
      if (info === undefined) continue
      if (!found.has(info) || name === info.name) found.set(info, name)
    }
    return [...found].map(([info, exportName]) => ({ exportName, info }))
  }

  names(): { readonly classes: readonly ClassInfo[]; readonly exports: readonly string[] } {
    const values = this.#exports.flatMap(({ target }) => (typeof target === 'string' ? [] : [target]))
    const names = this.#exports.flatMap(({ name, target }) => [name, ...(typeof target === 'string' ? [target] : [])])
    return { classes: [...new Set([...this.#bindings.values(), ...values])], exports: names }
  }

  visit(statement: Directive | Statement): void {
    this.#start = statement.start
    this.#note(statement)
  }

  #note(statement: Directive | Statement): void {
    switch (statement.type) {
      case 'ClassDeclaration':
        this.#classOf(statement)
        break
      case 'FunctionDeclaration':
        this.#function(statement)
        break
      case 'VariableDeclaration':
        for (const { id, init } of statement.declarations) {
          const info = init === null ? undefined : this.#value(init)
          const owner = this.#prototypeOwner(init)
          if (id.type !== 'Identifier') continue
          if (info !== undefined) this.#bind(id.name, info)
          if (owner !== undefined) this.#prototypes.set(id.name, owner)
        }
        break
      case 'ExpressionStatement':
        this.#value(statement.expression)
        break
      case 'ReturnStatement':
        if (statement.argument !== null) this.returned = this.#value(statement.argument)
        break
      case 'ExportNamedDeclaration':
        if (statement.declaration !== null) this.#exportDeclaration(statement.declaration)
        if (statement.source !== null) break
        for (const { local, exported } of statement.specifiers) {
          this.#exports.push({ name: exportNameOf(exported), target: exportNameOf(local) })
        }
        break
      case 'ExportDefaultDeclaration': {
        const { declaration } = statement
        if (declaration.type === 'TSInterfaceDeclaration' || declaration.type === 'FunctionDeclaration') break
        if (declaration.type === 'ClassDeclaration') {
          const info = this.#classOf(declaration)
          info.name ??= 'default'
          this.#exports.push({ name: 'default', target: info })
        } else {
          this.#export('default', declaration)
        }
        break
      }
      case 'TSExportAssignment':
        this.#moduleExports(statement.expression)
        break
      default:
    }
  }

  #exportDeclaration(declaration: Statement): void {
    this.#note(declaration)
    if (declaration.type === 'ClassDeclaration' && declaration.id !== null) {
      this.#exports.push({ name: declaration.id.name, target: declaration.id.name })
    } else if (declaration.type === 'VariableDeclaration') {
      for (const { id } of declaration.declarations) {
        if (id.type === 'Identifier') this.#exports.push({ name: id.name, target: id.name })
      }
    }
  }

  /** Notes an export. A mere name may be declared further down. */
  #export(name: string, node: AnyExpression): ClassInfo | undefined {
    const local = identifierOf(node)
    const info = this.#value(node)
    const target = local ?? info
    if (target !== undefined) this.#exports.push({ name, target })
    return info
  }

  #bind(name: string, info: ClassInfo): void {
    info.name ??= name
    this.#bindings.set(name, info)
  }

  /** The class that an expression evaluates to. Also notes the assignments and calls inside it. */
  #value(node: AnyExpression): ClassInfo | undefined {
    const inner = bare(node)
    switch (inner?.type) {
      case 'ClassExpression':
        return this.#classOf(inner)
      case 'Identifier':
        return this.#bindings.get(inner.name)
      case 'AssignmentExpression':
        return this.#assignment(inner)
      case 'SequenceExpression':
        return inner.expressions.map((expression) => this.#value(expression)).at(-1)
      case 'CallExpression':
        return this.#call(inner)
      default:
        return undefined
    }
  }

  #assignment({ left, right }: AssignmentExpression): ClassInfo | undefined {
    const name = identifierOf(left)
    const member = memberOf(left)
    if (name !== undefined) {
      const info = this.#value(right)
      if (info !== undefined) this.#bind(name, info)
      return info
    }
    if (member === undefined) return undefined
    const object = identifierOf(member.object)
    if (object === 'module' && member.name === 'exports') return this.#moduleExports(right)
    const outer = memberOf(member.object)
    const owner = this.#prototypeOwner(member.object)
    if (object === 'exports' || (outer?.name === 'exports' && identifierOf(outer.object) === 'module')) {
      return this.#export(member.name, right)
    }
    if (owner !== undefined) noteMethod(owner, member.name)
    else if (object !== undefined) this.#bindings.get(object)?.statics.set(member.name, right)
    return undefined
  }

  /** The class whose `X.prototype` this is. */
  #prototypeOwner(node: AnyExpression): ClassInfo | undefined {
    const member = memberOf(node)
    if (member === undefined) return this.#prototypes.get(identifierOf(node) ?? '')
    return member.name === 'prototype' ? this.#bindings.get(identifierOf(member.object) ?? '') : undefined
  }

  #moduleExports(node: AnyExpression): ClassInfo | undefined {
    const inner = bare(node)
    if (inner?.type !== 'ObjectExpression') return this.#export('default', inner)
    for (const [name, value] of propertiesOf(inner)) this.#export(name, value)
    return undefined
  }

  #call(call: CallExpression): ClassInfo | undefined {
    const callee = bare(call.callee)
    if (callee?.type === 'FunctionExpression' || callee?.type === 'ArrowFunctionExpression') {
      const scope = new Scope()
      scope.#start = this.#start
      const start = this.#start
      for (const statement of statementsOf(callee)) {
        scope.visit(statement)
        scope.#start = start
      }
      return scope.returned === undefined ? undefined : { ...scope.returned, start }
    }
    const [target = null, name = null, value = null] = call.arguments
    const object = identifierOf(target)
    const key = literalOf(name)
    const owner = this.#prototypeOwner(target)
    if (owner !== undefined && typeof key === 'string') noteMethod(owner, key)
    // __decorate([…], X) returns X.
    if (bare(target)?.type === 'ArrayExpression') return this.#bindings.get(identifierOf(name) ?? '')
    if (object === undefined) return undefined
    if (object.endsWith('exports')) {
      // Object.defineProperty(exports, 'X', { get: … }) and __export(exports, { X: … }).
      if (typeof key === 'string') this.#exportGetter(key, descriptorPart(value, 'get') ?? null)
      for (const [exported, getter] of propertiesOf(name)) this.#exportGetter(exported, getter)
      return undefined
    }
    const info = this.#bindings.get(object)
    if (info !== undefined) {
      if (typeof key === 'string') setField(info.statics, key, value)
      for (const method of methodsOf(name)) noteMethod(info, method)
    }
    return undefined
  }

  #exportGetter(name: string, getter: AnyExpression): void {
    const inner = bare(getter)
    if (inner?.type !== 'FunctionExpression' && inner?.type !== 'ArrowFunctionExpression') return
    const local = identifierOf(returnedBy(inner))
    if (local !== undefined) this.#exports.push({ name, target: local })
  }

  #classOf(node: Class): ClassInfo {
    const info: ClassInfo = {
      name: node.id?.name,
      start: this.#start,
      node,
      statics: new Map(),
      instance: new Map(),
      migration: isMigration(node),
    }
    if (node.id !== null) this.#bindings.set(node.id.name, info)
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') {
        for (const statement of member.body) noteThis(statement, info.statics)
        continue
      }
      if (member.type === 'TSIndexSignature' || member.type.startsWith('TSAbstract')) continue
      const name = keyOf(member.key, member.computed)
      if (name === undefined) continue
      const fields = member.static ? info.statics : info.instance
      if (member.type === 'MethodDefinition') {
        if (member.kind === 'constructor') for (const one of statementsOf(member.value)) noteThis(one, info.instance)
        if (member.kind === 'get') fields.set(name, returnedBy(member.value) ?? member.value)
      } else if (member.value !== null && !('declare' in member && member.declare === true)) {
        fields.set(name, member.value)
      }
    }
    return info
  }

  /** A class compiled to ES5: a function with methods on its prototype. */
  #function(node: FunctionNode): void {
    if (node.id === null) return
    const info: ClassInfo = {
      name: node.id.name,
      start: this.#start,
      statics: new Map(),
      instance: new Map(),
      migration: false,
    }
    for (const statement of statementsOf(node)) noteThis(statement, info.instance)
    this.#bindings.set(node.id.name, info)
  }
}

function noteMethod(info: ClassInfo, name: string): void {
  if (name === 'up') info.migration = true
}
