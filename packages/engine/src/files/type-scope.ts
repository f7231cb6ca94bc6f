import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'

import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }

import { type AnyNode, isNode } from './canonical'
import { parseSource } from './parse'

/** Resolves a module name that is not a relative path, such as an alias of `tsconfig.json`; undefined if it cannot. */
export type ResolveModule = (name: string, from: string) => string | undefined

/** A declaration of a type or a constant, and the scope in which its own names are looked up. */
export interface Found {
  readonly node: AnyNode
  readonly scope: TypeScope
}

interface Imported {
  readonly from: string
  /** `*` is the whole module. */
  readonly name: string
}

/** The names at the top level of a file, or of a namespace in it. */
export class TypeScope {
  readonly #declared = new Map<string, AnyNode>()
  readonly #imports = new Map<string, Imported>()
  readonly #exports = new Map<string, Imported | { readonly local: string }>()
  readonly #stars: string[] = []

  constructor(
    readonly file: string,
    body: readonly AnyNode[],
    private readonly files: TypeFiles,
    private readonly outer?: TypeScope,
  ) {
    for (const statement of body) this.#visit(statement)
  }

  /** The declaration that a name means here; a module for `import * as`; undefined for a global name. */
  find(name: string): Found | TypeScope | undefined {
    const node = this.#declared.get(name)
    if (node !== undefined) return { node, scope: this }
    const imported = this.#imports.get(name)
    return imported === undefined ? this.outer?.find(name) : this.#imported(imported)
  }

  /** True for a name that this file declares or imports, whether or not the declaration can be read. */
  knows(name: string): boolean {
    return this.#declared.has(name) || this.#imports.has(name) || this.outer?.knows(name) === true
  }

  /** The declaration of an export. */
  exported(name: string, seen: ReadonlySet<string> = new Set()): Found | TypeScope | undefined {
    if (seen.has(this.file)) return undefined
    const now = new Set([...seen, this.file])
    const known = this.#exports.get(name)
    if (known !== undefined) return 'local' in known ? this.find(known.local) : this.#imported(known, now)
    if (name === 'default') return undefined
    for (const star of this.#stars) {
      const found = this.files.scopeOf(star, this.file)?.exported(name, now)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The scope of a namespace's body. */
  inside(node: AnyNode): TypeScope {
    const block = node['body']
    return new TypeScope(
      `${this.file}#${String(node['start'])}`,
      nodes(isNode(block) ? block['body'] : []),
      this.files,
      this,
    )
  }

  #imported({ from, name }: Imported, seen?: ReadonlySet<string>): Found | TypeScope | undefined {
    const scope = this.files.scopeOf(from, this.file)
    return name === '*' ? scope : scope?.exported(name, seen)
  }

  #visit(statement: AnyNode): void {
    const source = textOf(statement['source'])
    switch (statement.type) {
      case 'ImportDeclaration':
        for (const one of nodes(statement['specifiers'])) {
          const name =
            one.type === 'ImportSpecifier'
              ? textOf(one['imported'])
              : one.type === 'ImportDefaultSpecifier'
                ? 'default'
                : '*'
          this.#imports.set(textOf(one['local']), { from: source, name })
        }
        break
      case 'ExportAllDeclaration':
        if (isNode(statement['exported'])) this.#exports.set(textOf(statement['exported']), { from: source, name: '*' })
        else this.#stars.push(source)
        break
      case 'ExportNamedDeclaration':
        for (const one of nodes(statement['specifiers'])) {
          const local = textOf(one['local'])
          this.#exports.set(textOf(one['exported']), source === '' ? { local } : { from: source, name: local })
        }
        if (isNode(statement['declaration']))
          for (const name of this.#declare(statement['declaration'])) this.#exports.set(name, { local: name })
        break
      case 'ExportDefaultDeclaration': {
        const declaration = statement['declaration']
        if (!isNode(declaration)) break
        const [name = declaration.type === 'Identifier' ? textOf(declaration) : ''] = this.#declare(declaration)
        this.#exports.set('default', { local: name })
        break
      }
      default:
        // Everything in a namespace of a declaration file is exported.
        for (const name of this.#declare(statement))
          if (this.outer !== undefined) this.#exports.set(name, { local: name })
    }
  }

  /** Notes a declaration. Returns the names that it declares. */
  #declare(node: AnyNode): readonly string[] {
    if (node.type === 'VariableDeclaration') {
      return nodes(node['declarations']).map((one) => {
        const name = textOf(one['id'])
        // `const Role = {…} as const; type Role = …`: where a type is looked up, the type is meant.
        if (!this.#declared.has(name)) this.#declared.set(name, one)
        this.#declared.set(`typeof ${name}`, one)
        return name
      })
    }
    if (!/^(?:TS(?:Enum|TypeAlias|Interface|Module)|Class)Declaration$/.test(node.type)) return []
    const name = textOf(node['id'])
    this.#declared.set(name, node)
    return [name]
  }
}

/** The files of a project that declare types, each read once. */
export class TypeFiles {
  readonly #scopes = new Map<string, { readonly changed: number; readonly scope: TypeScope | undefined }>()

  constructor(
    private readonly parser: typeof oxc,
    private readonly resolve: ResolveModule,
  ) {}

  /** The scope of a parsed file. */
  ofProgram(file: string, program: oxc.Program): TypeScope {
    return new TypeScope(file, program.body as unknown as AnyNode[], this)
  }

  /** The scope of an imported module; undefined if its source cannot be found or read. */
  scopeOf(name: string, from: string): TypeScope | undefined {
    const importer = from.replace(/#\d+$/, '')
    const target = name.startsWith('.')
      ? sourceAt(path.resolve(path.dirname(importer), name))
      : sourceAt(this.resolve(name, importer))
    return target === undefined ? undefined : this.#read(target)
  }

  #read(file: string): TypeScope | undefined {
    const changed = statSync(file).mtimeMs
    const known = this.#scopes.get(file)
    if (known?.changed === changed) return known.scope
    let scope: TypeScope | undefined
    try {
      scope = this.ofProgram(file, parseSource(this.parser, file, readFileSync(file, 'utf8')).program)
    } catch {
      scope = undefined
    }
    this.#scopes.set(file, { changed, scope })
    return scope
  }
}

/** The TypeScript of a module: beside its JavaScript, or its declarations, or the `index` of a folder. */
function sourceAt(module: string | undefined): string | undefined {
  if (module === undefined) return undefined
  const [, stem = module, kind = ''] = /^(.*)\.([cm]?)[jt]sx?$/.exec(module) ?? []
  const ofStem = (base: string): string[] => ['ts', 'tsx', 'd.ts'].map((ending) => `${base}.${ending}`)
  const candidates = [
    ...(stem === module ? [] : [`${stem}.${kind}ts`, `${stem}.tsx`, `${stem}.d.${kind}ts`]),
    ...(/\.[cm]?tsx?$/.test(module) ? [module] : []),
    ...ofStem(module),
    ...['mts', 'cts'].map((ending) => `${module}.${ending}`),
    ...ofStem(path.join(module, 'index')),
  ]
  return candidates.find(isFile)
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** The name of an identifier, or the value of a literal; empty for anything else. */
export function textOf(node: unknown): string {
  if (!isNode(node)) return ''
  if (node.type === 'Identifier') return String(node['name'])
  return node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : ''
}

export function nodes(values: unknown): readonly AnyNode[] {
  return Array.isArray(values) ? values.filter(isNode) : []
}
