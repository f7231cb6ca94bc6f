import { type AnyNode, isNode, unwrapped } from './canonical'
import { type Found, nodes, textOf, TypeScope } from './type-scope'

/**
 * What `emitDecoratorMetadata` writes for a type: the name of a constructor, `Object` if there is none, or `Void` for null,
 * undefined and never. `class` is a class of the project, which only its code knows.
 *
 * Follows `serializeTypeNode` and `getTypeReferenceSerializationKind` of the compiler, which has the types of all files:
 * https://github.com/microsoft/TypeScript/blob/main/src/compiler/transformers/typeSerializer.ts
 */
type TypeKind = string

const keywords: Readonly<Record<string, TypeKind>> = {
  TSStringKeyword: 'String',
  TSNumberKeyword: 'Number',
  TSBooleanKeyword: 'Boolean',
  TSBigIntKeyword: 'BigInt',
  TSSymbolKeyword: 'Symbol',
  TSVoidKeyword: 'Void',
  TSUndefinedKeyword: 'Void',
  TSNullKeyword: 'Void',
  TSNeverKeyword: 'Void',
  TSTemplateLiteralType: 'String',
  TSArrayType: 'Array',
  TSTupleType: 'Array',
  TSFunctionType: 'Function',
  TSConstructorType: 'Function',
}

/** Types of the language that pass on (a part of) their first argument. */
const passing: ReadonlySet<string> = new Set([
  ...['Readonly', 'NonNullable', 'Exclude', 'Extract', 'Awaited'],
  ...['Uppercase', 'Lowercase', 'Capitalize', 'Uncapitalize'],
])

/** Names that recurse deeper than this are circular. */
const deepest = 30

/** The kind of a type that a scope writes. */
export function kindOf(type: unknown, scope: TypeScope): TypeKind {
  return new Reader(new Map(), 0).kind(type, scope)
}

class Reader {
  constructor(
    /** The arguments of a generic alias, by the name of its parameter. */
    private readonly given: ReadonlyMap<string, TypeKind>,
    private readonly depth: number,
  ) {}

  kind(type: unknown, scope: TypeScope): TypeKind {
    if (!isNode(type) || this.depth > deepest) return 'Object'
    const keyword = keywords[type.type]
    if (keyword !== undefined) return keyword
    switch (type.type) {
      case 'TSParenthesizedType':
        return this.kind(type['typeAnnotation'], scope)
      case 'TSLiteralType':
        return kindOfValue(type['literal'])
      case 'TSUnionType':
        return merged(nodes(type['types']).map((one) => this.kind(one, scope)))
      case 'TSIntersectionType':
        return intersected(nodes(type['types']).map((one) => this.kind(one, scope)))
      case 'TSTypeOperator':
        return type['operator'] === 'keyof' ? 'String' : this.kind(type['typeAnnotation'], scope)
      case 'TSTypeReference':
        return this.#reference(type, scope)
      case 'TSIndexedAccessType':
        return this.#member(type, scope)
      case 'TSTypeQuery':
        return merged(
          valuesOf(constantOf(type, scope))
            .slice(0, 1)
            .map(({ value }) => kindOfValue(value)),
        )
      default:
        return 'Object'
    }
  }

  #reference(type: AnyNode, scope: TypeScope): TypeKind {
    const name = textOf(type['typeName'])
    const args = nodes(isNode(type['typeArguments']) ? type['typeArguments']['params'] : undefined)
    const found = lookUp(type['typeName'], scope)
    if (found !== undefined)
      return this.#declared(
        found,
        args.map((one) => this.kind(one, scope)),
      )
    const given = this.given.get(name)
    if (given !== undefined) return given
    // A name that the file knows, but whose declaration cannot be read: the code itself says what it is.
    if (name === '' || scope.knows(name)) return 'class'
    if (passing.has(name)) return this.kind(args[0], scope)
    if (name === 'ReadonlyArray') return 'Array'
    return /^(?:Record|Partial|Required|Pick|Omit)$/.test(name) ? 'Object' : name
  }

  #declared({ node, scope }: Found, args: readonly TypeKind[]): TypeKind {
    switch (node.type) {
      case 'TSEnumDeclaration':
        return kindOfEnum(node)
      case 'TSEnumMember':
        return node['initializer'] === null ? 'Number' : kindOfValue(node['initializer'])
      case 'TSTypeAliasDeclaration': {
        const parameters = nodes(isNode(node['typeParameters']) ? node['typeParameters']['params'] : undefined)
        const given = new Map(parameters.map((one, at) => [textOf(one['name']), args[at] ?? 'Object']))
        return new Reader(given, this.depth + 1).kind(node['typeAnnotation'], scope)
      }
      case 'TSInterfaceDeclaration':
        return 'Object'
      default:
        return 'class'
    }
  }

  /** `(typeof roles)[number]`, `(typeof Role)[keyof typeof Role]`, `Settings['theme']`. */
  #member(type: AnyNode, scope: TypeScope): TypeKind {
    const object = bareType(type['objectType'])
    const index = bareType(type['indexType'])
    const key = index?.type === 'TSLiteralType' ? textOf(index['literal']) : undefined
    if (object?.type === 'TSTypeQuery') {
      const values = valuesOf(constantOf(object, scope)).filter((one) => key === undefined || one.key === key)
      return merged(values.map(({ value }) => kindOfValue(value)))
    }
    const found = object?.type === 'TSTypeReference' ? lookUp(object['typeName'], scope) : undefined
    const body = found?.node['body'] ?? bareType(found?.node['typeAnnotation'])
    const member = nodes(isNode(body) ? (body['body'] ?? body['members']) : undefined).find(
      (one) => key !== undefined && textOf(one['key']) === key,
    )
    const annotation = member?.['typeAnnotation']
    if (found === undefined || !isNode(annotation)) return 'Object'
    return new Reader(this.given, this.depth + 1).kind(annotation['typeAnnotation'], found.scope)
  }
}

/** The declaration of `Name`, `module.Name` or `Enum.Member`. */
function lookUp(name: unknown, scope: TypeScope): Found | undefined {
  const found = anyOf(name, scope)
  return found instanceof TypeScope ? undefined : found
}

function anyOf(name: unknown, scope: TypeScope): Found | TypeScope | undefined {
  if (!isNode(name)) return undefined
  if (name.type !== 'TSQualifiedName') return scope.find(textOf(name))
  const left = anyOf(name['left'], scope)
  const right = textOf(name['right'])
  if (left instanceof TypeScope) return left.exported(right)
  if (left?.node.type === 'TSModuleDeclaration') return left.scope.inside(left.node).exported(right)
  if (left?.node.type !== 'TSEnumDeclaration') return undefined
  const member = membersOf(left.node).find((one) => textOf(one['id']) === right)
  return member === undefined ? undefined : { node: member, scope: left.scope }
}

/** The constant of `typeof X`. */
function constantOf(query: AnyNode, scope: TypeScope): AnyNode | undefined {
  const name = textOf(query['exprName'])
  const found = scope.find(`typeof ${name}`) ?? scope.find(name)
  if (found === undefined || found instanceof TypeScope) return undefined
  const declaration = found.scope.find(`typeof ${textOf(found.node['id'])}`)
  return declaration === undefined || declaration instanceof TypeScope ? found.node : declaration.node
}

/** The values of a constant: those of an object or a list, also inside `Object.freeze()`, or the only one. */
function valuesOf(declaration: AnyNode | undefined): readonly { readonly key: string; readonly value: unknown }[] {
  if (declaration?.type === 'TSEnumDeclaration')
    return membersOf(declaration).map((one) => ({ key: textOf(one['id']), value: one['initializer'] }))
  let value = unwrapped(declaration?.['init'])
  if (value?.type === 'CallExpression') value = unwrapped(nodes(value['arguments'])[0])
  if (value?.type === 'ArrayExpression') return nodes(value['elements']).map((one) => ({ key: '', value: one }))
  if (value?.type === 'ObjectExpression')
    return nodes(value['properties']).map((one) => ({ key: textOf(one['key']), value: one['value'] }))
  return value === undefined ? [] : [{ key: '', value }]
}

function membersOf(node: AnyNode): readonly AnyNode[] {
  return nodes(isNode(node['body']) ? node['body']['members'] : node['members'])
}

/** Members without a value are numbers; so are all that are computed, unless they join texts. */
function kindOfEnum(node: AnyNode): TypeKind {
  const kinds = membersOf(node).map((one) => (one['initializer'] === null ? 'Number' : kindOfValue(one['initializer'])))
  return merged(kinds.map((kind) => (kind === 'Object' ? 'Number' : kind)))
}

function kindOfValue(given: unknown): TypeKind {
  const value = unwrapped(given)
  switch (value?.type) {
    case 'TemplateLiteral':
      return 'String'
    case 'UnaryExpression':
      return value['operator'] === '!' ? 'Boolean' : kindOfValue(value['argument'])
    case 'BinaryExpression':
      return kindOfValue(value['left']) === 'String' || kindOfValue(value['right']) === 'String' ? 'String' : 'Number'
    case 'Literal': {
      if (typeof value['bigint'] === 'string') return 'BigInt'
      const literal = value['value']
      if (literal === null) return 'regex' in value && value['regex'] !== null ? 'RegExp' : 'Void'
      return { string: 'String', number: 'Number', boolean: 'Boolean' }[typeof literal as 'string'] ?? 'Object'
    }
    default:
      return 'Object'
  }
}

/** A union: what all its members are, without null and undefined. */
function merged(kinds: readonly TypeKind[]): TypeKind {
  const [first = 'Object', ...others] = new Set(kinds.filter((kind) => kind !== 'Void'))
  return others.length === 0 ? first : 'Object'
}

/** An intersection: a text with a brand is a text. */
function intersected(kinds: readonly TypeKind[]): TypeKind {
  return merged(kinds.filter((kind) => kind !== 'Object'))
}

function bareType(type: unknown): AnyNode | undefined {
  if (!isNode(type)) return undefined
  return type.type === 'TSParenthesizedType' ? bareType(type['typeAnnotation']) : type
}
