/**
 * The canonical form of a piece of a program: equal for two texts of the same code, however they are formatted,
 * commented, typed or compiled. It excludes everything that TypeScript adds (types, modifiers, `as`).
 *
 * Names of nodes: https://github.com/estree/estree
 */

/** Any node of the tree. */
export interface AnyNode {
  readonly type: string
  readonly [key: string]: unknown
}

/** Resolves the names that a piece of a program uses from its file. */
export interface Naming {
  /** The canonical name of an identifier; called for every identifier that is not a key. */
  readonly identifier: (name: string) => string
  /** The canonical name of `object.name` (`typeorm_1.Table`); undefined if `object` is not an imported module. */
  readonly ofModule: (object: string, name: string) => string | undefined
}

/** Keys for positions, spelling, or the TypeScript compiler only. */
const silent: ReadonlySet<string> = new Set([
  ...['type', 'start', 'end', 'range', 'loc', 'parent', 'raw', 'shorthand', 'directive', 'hashbang'],
  ...['accessibility', 'declare', 'readonly', 'override', 'abstract', 'definite', 'importKind', 'exportKind'],
])

const wrappers: ReadonlySet<string> = new Set([
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
])

export function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** The node inside parentheses, `as`, `satisfies` and `!`. */
export function unwrapped(value: unknown): AnyNode | undefined {
  let node = value
  while (isNode(node) && wrappers.has(node.type)) node = node['expression']
  return isNode(node) ? node : undefined
}

/**
 * The canonical form of a node or a list of nodes; empty for code that does nothing.
 *
 * @example
 * canonical(parse("(await q.query('SELECT 1') as Row[])!;"), naming) === canonical(parse('await q.query(`SELECT 1`)'), naming)
 */
export function canonical(value: unknown, naming: Naming): string {
  if (Array.isArray(value)) return list(value, naming)
  const node = unwrapped(value)
  if (node === undefined) return isPlain(value) ? JSON.stringify(value) : ''
  const write = (part: unknown): string => canonical(part, naming)
  switch (node.type) {
    case 'EmptyStatement':
      return ''
    case 'ExpressionStatement':
      return typeof node['directive'] === 'string' ? '' : `${write(node['expression'])};`
    case 'Identifier':
      return naming.identifier(String(node['name']))
    case 'Literal':
      return literal(node)
    case 'TemplateLiteral':
      return template(node, naming)
    case 'TaggedTemplateExpression': {
      const quasi = unwrapped(node['quasi'])
      return `(Tagged ${called(node['tag'], naming)} ${JSON.stringify(texts(quasi, 'raw'))} ${list(quasi?.['expressions'], naming)})`
    }
    case 'MemberExpression':
      return member(node, naming)
    case 'CallExpression':
      return `(${node['optional'] === true ? '?' : ''}Call ${called(node['callee'], naming)} ${list(node['arguments'], naming)})`
    case 'LogicalExpression': {
      // `a && (b && c)` is `a && b && c`, and Prettier writes it so.
      const operator = String(node['operator'])
      return `(${operator} ${operands(node, operator).map(write).join(' ')})`
    }
    case 'CatchClause': {
      const body = write(node['body'])
      const parameter = node['param'] == null ? '' : write(node['param'])
      // An unused error binding may be omitted, and compilers for old targets add it again.
      return `(Catch ${/^\w+$/.test(parameter) && !new RegExp(`\\b${parameter}\\b`).test(body) ? '' : parameter} ${body})`
    }
    case 'Property':
      return fields(node, naming, { key: keyOf(node, naming) })
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
      return isTypeOnly(node) ? '' : fields(node, naming, { key: keyOf(node, naming), optional: '' })
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return fields(node, naming, { params: list(parametersOf(node), naming) })
    case 'TSParameterProperty':
      return write(node['parameter'])
    default:
      if (node.type.startsWith('TS')) return ''
      return fields(node, naming)
  }
}

/** The key of a property or a method, quoted or not. */
export function keyOf(node: AnyNode, naming: Naming): string {
  const key = unwrapped(node['key'])
  if (key?.type === 'PrivateIdentifier') return `#${String(key['name'])}`
  if (node['computed'] === true && key?.type !== 'Literal') return `[${canonical(key, naming)}]`
  return JSON.stringify(String(key?.type === 'Identifier' ? key['name'] : key?.['value']))
}

/** True for members that exist only as declarations: overloads, `declare`, fields without a value. */
export function isTypeOnly(node: AnyNode): boolean {
  const value = node['value']
  if (node.type === 'MethodDefinition') return isNode(value) && value.type.startsWith('TS')
  return node['declare'] === true || value == null
}

/** The keys of a node in alphabetical order; `given` overrides the text of single keys. */
function fields(node: AnyNode, naming: Naming, given: Readonly<Record<string, string>> = {}): string {
  const parts = Object.keys(node)
    .filter((key) => !silent.has(key))
    .sort()
    .flatMap((key) => {
      const value = node[key]
      // Absent, false and empty values are skipped, so a key that a later parser adds changes no hash.
      if (value === null || value === undefined || value === false) return []
      const text = given[key] ?? (key === 'expression' && value === true ? '' : canonical(value, naming))
      return text === '' || text === '[]' ? [] : [`${key}=${text}`]
    })
  return `(${[node.type, ...parts].join(' ')})`
}

function list(values: unknown, naming: Naming): string {
  if (!Array.isArray(values)) return '[]'
  // A hole in an array counts; a statement that does nothing does not.
  const texts = values.flatMap((value) => (value === null ? ['_'] : [canonical(value, naming)].filter(Boolean)))
  return `[${texts.join(' ')}]`
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function literal(node: AnyNode): string {
  const { bigint, regex, value } = node
  if (typeof bigint === 'string') return `${bigint}n`
  if (typeof regex === 'object' && regex !== null && 'pattern' in regex && 'flags' in regex)
    return `(RegExp ${JSON.stringify(regex.pattern)} ${[...String(regex.flags)].sort().join('')})`
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/** The text parts of a template. */
function texts(quasi: AnyNode | undefined, form: 'raw' | 'cooked'): readonly string[] {
  const quasis: unknown = quasi?.['quasis']
  if (!Array.isArray(quasis)) return []
  return quasis.map((one: { readonly value: { readonly raw: string; readonly cooked: string | null } }) =>
    (one.value[form] ?? one.value.raw).replace(/\r\n?/g, '\n'),
  )
}

/** A template without expressions is a string. */
function template(node: AnyNode, naming: Naming): string {
  const expressions: unknown = node['expressions']
  const parts = texts(node, 'cooked')
  if (!Array.isArray(expressions) || expressions.length === 0) return JSON.stringify(parts.join(''))
  return `(Template ${JSON.stringify(parts)} ${list(expressions, naming)})`
}

function member(node: AnyNode, naming: Naming): string {
  const object = unwrapped(node['object'])
  const property = unwrapped(node['property'])
  const name =
    property?.type === 'PrivateIdentifier'
      ? `#${String(property['name'])}`
      : node['computed'] !== true
        ? String(property?.['name'])
        : property?.type === 'Literal' && typeof property['value'] === 'string'
          ? property['value']
          : undefined
  if (object?.type === 'Identifier' && name !== undefined) {
    const found = naming.ofModule(String(object['name']), name)
    if (found !== undefined) return found
  }
  const key = name === undefined ? `[${canonical(property, naming)}]` : JSON.stringify(name)
  return `(${node['optional'] === true ? '?' : ''}. ${canonical(object, naming)} ${key})`
}

/** The callee: compilers write `(0, x_1.f)()` to call an import. */
function called(value: unknown, naming: Naming): string {
  const node = unwrapped(value)
  const expressions = node?.type === 'SequenceExpression' ? (node['expressions'] as readonly unknown[]) : []
  const [zero, target, more] = expressions.map(unwrapped)
  const object = unwrapped(target?.['object'])
  if (more === undefined && zero?.['value'] === 0 && object?.type === 'Identifier') {
    const name = unwrapped(target?.['property'])?.['name']
    const found = naming.ofModule(String(object['name']), String(name))
    if (found !== undefined) return found
  }
  return canonical(node, naming)
}

function operands(value: unknown, operator: string): readonly unknown[] {
  const node = unwrapped(value)
  if (node?.type !== 'LogicalExpression' || node['operator'] !== operator) return [node]
  return [...operands(node['left'], operator), ...operands(node['right'], operator)]
}

/** Without a `this` parameter, which is only a type. */
function parametersOf(node: AnyNode): readonly unknown[] {
  const given = node['params']
  return Array.isArray(given) ? given.filter((one) => !isNode(one) || one['name'] !== 'this') : []
}
