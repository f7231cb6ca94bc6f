import type { Class, Directive, Statement } from 'oxc-parser' with { 'resolution-mode': 'import' }

import { type AnyExpression, bare, keyOf, literalOf, memberOf } from './literals'

/** True for a class that has a method `up` or implements `MigrationInterface`. */
export function isMigration(node: Class): boolean {
  if (node.abstract === true) return false
  const hasUp = node.body.body.some(
    (member) =>
      'key' in member && !('static' in member && member.static) && keyOf(member.key, member.computed) === 'up',
  )
  // Inherited methods are not visible in this file.
  const inherits = node.superClass !== null && /\d{13}$/.test(node.id?.name ?? '')
  return (
    hasUp || inherits || (node.implements ?? []).some(({ expression }) => lastName(expression) === 'MigrationInterface')
  )
}

function lastName(node: { readonly type: string }): string | undefined {
  if ('name' in node && typeof node.name === 'string') return node.name
  return 'right' in node ? lastName(node.right as { readonly type: string }) : undefined
}

/** Notes the fields set by `this.name = …` and `helper(this, 'name', …)`, possibly several in one statement. */
export function noteThis(statement: Directive | Statement, fields: Map<string, AnyExpression>): void {
  if (statement.type !== 'ExpressionStatement') return
  const expression = bare(statement.expression)
  for (const one of expression?.type === 'SequenceExpression' ? expression.expressions : [expression]) {
    const inner = bare(one)
    if (inner?.type === 'AssignmentExpression') {
      const member = memberOf(inner.left)
      if (member !== undefined && bare(member.object)?.type === 'ThisExpression') fields.set(member.name, inner.right)
    } else if (inner?.type === 'CallExpression') {
      const [target = null, name = null, value = null] = inner.arguments
      const key = literalOf(name)
      if (bare(target)?.type === 'ThisExpression' && typeof key === 'string') setField(fields, key, value)
    }
  }
}

/** Notes the third argument of a helper, or the `value` of the descriptor in `Object.defineProperty`. */
export function setField(fields: Map<string, AnyExpression> | undefined, name: string, value: AnyExpression): void {
  fields?.set(name, descriptorPart(value, 'value') ?? value)
}

/** The names in `[{ key: 'up', value: … }]`: how compilers pass methods to a helper. */
export function methodsOf(node: AnyExpression): readonly string[] {
  const inner = bare(node)
  if (inner?.type !== 'ArrayExpression') return []
  return inner.elements.flatMap((element) => {
    const key = literalOf(descriptorPart(element, 'key') ?? null)
    return typeof key === 'string' ? [key] : []
  })
}

/** The value of one property of an object literal. */
export function descriptorPart(node: AnyExpression, part: string): AnyExpression | undefined {
  return propertiesOf(node).find(([name]) => name === part)?.[1]
}

/** Names and values of an object literal. */
export function propertiesOf(node: AnyExpression): readonly (readonly [string, AnyExpression])[] {
  const inner = bare(node)
  if (inner?.type !== 'ObjectExpression') return []
  return inner.properties.flatMap((property) => {
    const name = property.type === 'SpreadElement' ? undefined : keyOf(property.key, property.computed)
    return name === undefined || property.type === 'SpreadElement' ? [] : [[name, property.value] as const]
  })
}
