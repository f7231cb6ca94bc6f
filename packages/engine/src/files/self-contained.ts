import type { Class, Directive, Program, Statement } from 'oxc-parser' with { 'resolution-mode': 'import' }

import { type AnyExpression, bare, identifierOf, keyOf, literalOf, memberOf } from './literals'

/** Fields of a revision that do not change how its statements run, apart from static ones. */
const harmlessFields = ['name', 'transaction']

/**
 * Whether loading a file does nothing but define classes whose instances have no state: its statements can then be executed
 * without loading it. False for anything that this does not know to be harmless.
 *
 * @param node the class of the revision
 */
export function isSelfContained(program: Program, node: Class): boolean {
  return program.body.every(isHarmless) && isStateless(node)
}

function isHarmless(statement: Directive | Statement): boolean {
  switch (statement.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'EmptyStatement':
      return true
    case 'ImportDeclaration':
      return statement.importKind === 'type' || statement.source.value === 'typeorm'
    case 'ClassDeclaration':
      return isStateless(statement)
    case 'ExportDefaultDeclaration':
      return statement.declaration.type === 'ClassDeclaration' && isStateless(statement.declaration)
    case 'ExportNamedDeclaration':
      if (statement.source !== null) return false
      return statement.declaration === null || isHarmless(statement.declaration)
    case 'VariableDeclaration':
      return statement.declarations.every(({ id, init }) => id.type === 'Identifier' && init !== null && isValue(init))
    case 'ExpressionStatement':
      return ('directive' in statement && statement.directive !== null) || isExport(statement.expression)
    default:
      return false
  }
}

/** A literal, or the module `typeorm`. */
function isValue(node: AnyExpression): boolean {
  const inner = bare(node)
  if (literalOf(node) !== undefined || (inner?.type === 'Literal' && !('regex' in inner))) return true
  if (inner?.type !== 'CallExpression' || identifierOf(inner.callee) !== 'require') return false
  return inner.arguments.length === 1 && literalOf(inner.arguments[0] ?? null) === 'typeorm'
}

/** `exports.A = A`, `exports.A = exports.B = void 0`, `Object.defineProperty(exports, '__esModule', …)`. */
function isExport(node: AnyExpression): boolean {
  const inner = bare(node)
  if (inner?.type === 'CallExpression') {
    const [first, second] = inner.arguments
    const callee = bare(inner.callee)
    return (
      callee?.type === 'MemberExpression' &&
      identifierOf(callee.object) === 'Object' &&
      memberOf(callee)?.name === 'defineProperty' &&
      identifierOf(first ?? null) === 'exports' &&
      literalOf(second ?? null) === '__esModule'
    )
  }
  if (inner?.type !== 'AssignmentExpression' || inner.operator !== '=') return false
  const target = bare(inner.left)
  if (target?.type !== 'MemberExpression') return false
  const value = bare(inner.right)
  const isName = identifierOf(inner.right) !== undefined || isExport(inner.right)
  return (
    identifierOf(target.object) === 'exports' &&
    (isName || (value?.type === 'UnaryExpression' && value.operator === 'void'))
  )
}

function isStateless(node: Class): boolean {
  if (node.superClass !== null || node.decorators.length > 0) return false
  return node.body.body.every((member) => {
    switch (member.type) {
      case 'MethodDefinition':
        return member.kind === 'method' && member.decorators.length === 0 && !member.computed
      case 'PropertyDefinition': {
        if (member.decorators.length > 0 || member.computed) return false
        const value = member.value === null ? null : bare(member.value)
        if (value?.type === 'ArrowFunctionExpression' || value?.type === 'FunctionExpression') return !member.static
        if (member.static) return member.value !== null && isLiteralTree(member.value)
        return (
          harmlessFields.includes(keyOf(member.key, false) ?? '') &&
          member.value !== null &&
          literalOf(member.value) !== undefined
        )
      }
      default:
        return false
    }
  })
}

/** Literals, and lists and objects of them, such as `static readonly effects`. */
function isLiteralTree(node: AnyExpression): boolean {
  const inner = bare(node)
  if (inner === null) return false
  if (literalOf(node) !== undefined || (inner.type === 'Literal' && !('regex' in inner))) return true
  if (inner.type === 'ArrayExpression')
    return inner.elements.every((element) => element?.type !== 'SpreadElement' && isLiteralTree(element))
  return (
    inner.type === 'ObjectExpression' &&
    inner.properties.every(
      (property) =>
        property.type === 'Property' &&
        property.kind === 'init' &&
        !property.computed &&
        !property.method &&
        isLiteralTree(property.value),
    )
  )
}
