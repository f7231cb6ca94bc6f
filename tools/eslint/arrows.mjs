import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, posix, relative, resolve, sep } from 'node:path'
import { root } from '../lib/process.mjs'

/**
 * The imports that are allowed between packages, as in the diagram of docs/architecture.md. `npm run lint` fails on any other
 * import in any form (`import`, `export … from`, `import()`, `require()`, `import type`, a type `import('…')`). ESLint's own
 * `no-restricted-imports` checks neither `import()`, which loads heavy libraries here, nor the target of a relative path.
 *
 * @typedef {object} PackageArrows
 * @property {string[]} ours the packages of this repository that it may import, or the one entry point of a package
 * @property {string[]} [libraries] packages that it may import from npm; default: those that its package.json declares
 * @property {string[]} [typesOnly] libraries that its sources may import types of, and nothing that runs
 */

/** @type {Record<string, PackageArrows>} */
const packageArrows = {
  models: { ours: [], libraries: ['typeorm', 'reflect-metadata'] },
  engine: { ours: [], typesOnly: ['typeorm'] },
  migrations: { ours: ['@aludel/engine/migration', '@aludel/engine/testing'], typesOnly: ['typeorm'] },
  services: { ours: ['@aludel/models'] },
  web: { ours: ['@aludel/engine'] },
  nestjs: { ours: ['@aludel/engine'], typesOnly: ['typeorm'] },
  cli: {
    ours: [
      '@aludel/engine',
      '@aludel/migrations',
      '@aludel/models',
      '@aludel/services',
      '@aludel/services/commands',
      '@aludel/web',
    ],
  },
}

/**
 * The rooms of `engine/src` from the bottom up (some are single files), each with the lower rooms that it may import. No room
 * imports a higher one.
 *
 * @type {Record<string, string[]>}
 */
export const engineArrows = rooms({
  errors: [],
  text: [],
  version: [],
  packages: [],
  redact: [],
  revision: [],
  sql: [],
  schema: ['sql'],
  operations: ['sql', 'schema'],
  difference: ['sql', 'schema', 'operations'],
  lint: ['revision', 'sql', 'schema'],
  dialect: ['sql', 'schema', 'operations', 'difference', 'lint'],
  files: ['revision', 'sql', 'dialect'],
  history: ['revision', 'schema', 'dialect', 'files'],
  results: ['revision', 'schema', 'lint', 'dialect', 'history'],
  batches: ['revision', 'sql', 'dialect', 'history'],
  execution: ['revision', 'sql', 'dialect', 'files', 'history', 'batches'],
  shadow: ['revision', 'schema', 'dialect', 'files', 'history', 'execution'],
  project: ['revision', 'schema', 'lint', 'dialect', 'files', 'history', 'results', 'batches', 'shadow'],
  proof: ['sql', 'schema', 'operations', 'difference', 'dialect', 'shadow'],
  create: ['*', 'project', 'proof'],
  branches: ['*', 'project', 'create'],
  squash: ['*', 'project', 'proof', 'create'],
  kept: ['*', 'project'],
  inspect: ['*', 'project', 'proof', 'create', 'branches', 'kept'],
  backup: ['*', 'project', 'inspect'],
  run: ['*', 'project', 'create', 'kept', 'inspect', 'backup'],
  repair: ['*', 'project', 'inspect', 'run'],
  adopt: ['*', 'project', 'create', 'inspect', 'run'],
  testing: ['*', 'project', 'proof', 'inspect'],
})

/**
 * Adds the bottom rooms, which all rooms may import: errors, text and version. Replaces `*` with all rooms that do not depend on a
 * project.
 *
 * @param {Record<string, string[]>} own
 */
function rooms(own) {
  const names = Object.keys(own)
  const ground = names.slice(0, names.indexOf('revision'))
  const common = names.slice(names.indexOf('revision'), names.indexOf('project'))
  return Object.fromEntries(
    names.map((name) => [
      name,
      ground.includes(name) ? [] : [...ground, ...(own[name] ?? []).flatMap((one) => (one === '*' ? common : [one]))],
    ]),
  )
}

/** Rooms of `engine/src` without I/O: of Node's modules, they may import only those without I/O. */
const pureFolders = ['text', 'redact', 'revision', 'sql', 'schema', 'operations', 'difference', 'lint']
const pureBuiltins = ['node:assert', 'node:crypto', 'node:path', 'node:util']

/** @type {import('eslint').Rule.RuleModule} */
export const arrows = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      leaves: "'{{name}}' leaves the package: import another package by its name",
      deep: "'{{name}}' reaches into another package: import what its package.json exports",
      ours: 'packages/{{from}} may not import {{name}} (see packageArrows in tools/eslint/arrows.mjs)',
      undeclared: "'{{name}}' is not a dependency of packages/{{from}}",
      typesOnly: "packages/{{from}} may only import types of '{{name}}'",
      folder: '{{from}} may not import {{name}} (see engineArrows in tools/eslint/arrows.mjs)',
      pure: '{{from}} is pure: it may not import {{name}}',
    },
  },
  create(context) {
    const file = relative(root, context.filename).split(sep).join('/')
    const [packages, from, part, ...inside] = file.split('/')
    const rules = from === undefined || packages !== 'packages' ? undefined : packageArrows[from]
    if (!rules || from === undefined) return {}
    const isSource = part === 'src'
    const folder = from === 'engine' && isSource ? stem(inside[0]) : undefined

    /**
     * @param {import('eslint').Rule.Node} node
     * @param {string} name what is imported, as written
     * @param {boolean} typeOnly
     */
    const check = (node, name, typeOnly) => {
      const problem = name.startsWith('.') ? relativeProblem(name) : packageProblem(name, typeOnly)
      if (problem) context.report({ node, messageId: problem, data: { name, from: subject(problem) } })
    }
    const subject = (/** @type {string} */ problem) => {
      return problem === 'folder' || problem === 'pure' ? `engine/src/${folder}` : String(from)
    }

    /** @param {string} name */
    const relativeProblem = (name) => {
      const target = relative(root, resolve(dirname(context.filename), name))
        .split(sep)
        .join('/')
      if (!isSource && target.startsWith('tools/testing/')) return undefined
      if (!target.startsWith(`packages/${from}/`)) return 'leaves'
      const [, , targetPart, ...targetInside] = target.split('/')
      if (folder === undefined || targetPart !== 'src') return undefined
      const to = stem(targetInside[0])
      if (to === folder) return folder === 'dialect' && crossesDialects(inside, targetInside) ? 'folder' : undefined
      return engineArrows[folder]?.includes(to) === false ? 'folder' : undefined
    }

    /**
     * @param {string} name
     * @param {boolean} typeOnly
     */
    const packageProblem = (name, typeOnly) => {
      if (isBuiltin(name)) {
        return folder !== undefined && pureFolders.includes(folder) && !pureBuiltins.includes(name) ? 'pure' : undefined
      }
      if (name.startsWith('@aludel/')) {
        if (rules.ours.includes(name) || name === `@aludel/${from}`) return undefined
        return rules.ours.some((allowed) => name.startsWith(allowed + '/')) ? 'deep' : 'ours'
      }
      const library = posix.join(...name.split('/').slice(0, name.startsWith('@') ? 2 : 1))
      if (!isSource && declared('.', 'devDependencies').includes(library)) return undefined
      if (isSource && !typeOnly && rules.typesOnly?.includes(library)) return 'typesOnly'
      const allowed =
        rules.libraries ?? declared(`packages/${from}`, 'dependencies', 'peerDependencies', 'devDependencies')
      return allowed.includes(library) ? undefined : 'undeclared'
    }

    const checkDeclaration = (/** @type {any} */ node) => {
      if (node.source) check(node.source, String(node.source.value), isTypeOnly(node))
    }
    return {
      ImportDeclaration: checkDeclaration,
      ExportNamedDeclaration: checkDeclaration,
      ExportAllDeclaration: checkDeclaration,
      ImportExpression: (/** @type {any} */ node) => {
        if (node.source.type === 'Literal') check(node.source, String(node.source.value), false)
      },
      CallExpression: (/** @type {any} */ node) => {
        const [argument] = node.arguments
        if (node.callee.name === 'require' && argument?.type === 'Literal')
          check(argument, String(argument.value), false)
      },
      TSImportType: (/** @type {any} */ node) => check(node.source, String(node.source.value), true),
      TSExternalModuleReference: (/** @type {any} */ node) => {
        check(node.expression, String(node.expression.value), node.parent?.importKind === 'type')
      },
    }
  },
}

/** @param {string | undefined} name */
const stem = (name) => String(name).replace(/\.ts$/, '')

/** @param {any} node an import or export declaration */
function isTypeOnly(node) {
  if (node.importKind === 'type' || node.exportKind === 'type') return true
  const names = node.specifiers ?? []
  return names.length > 0 && names.every((/** @type {any} */ name) => (name.importKind ?? name.exportKind) === 'type')
}

/**
 * Whether an import leads from the folder of one database into that of another. The interfaces in `roles/` belong to none.
 *
 * @param {string[]} from path inside `engine/src`, as its parts
 * @param {string[]} to
 */
function crossesDialects(from, to) {
  return from.length > 2 && to.length > 2 && from[1] !== to[1] && to[1] !== 'roles'
}

/**
 * @param {string} folder
 * @param {string[]} kinds
 * @returns {string[]}
 */
function declared(folder, ...kinds) {
  const manifest = JSON.parse(readFileSync(resolve(root, folder, 'package.json'), 'utf8'))
  return kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}))
}
