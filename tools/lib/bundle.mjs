// Joins the modules of a package to a few files, which are what Node loads: a command that only reads the history would load 180
// modules of ours and 30 of yargs, and finding, reading and compiling each one costs more than what they do.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import process from 'node:process'
import { rolldown } from 'rolldown'
import { root } from './process.mjs'

/** @typedef {import('rolldown').Plugin} Plugin */

/**
 * @typedef {object} Bundle
 * @property {string} name of the package
 * @property {string[]} entries modules that users import
 * @property {Record<string, string[]>} together names of files, and the modules that each holds, with all that these need when they
 *   are loaded, except what an earlier file holds. The rest is divided by what loads it.
 * @property {string[]} deferred packages whose default export is a function, which are loaded when it is called
 */

/** @type {Bundle[]} */
const bundles = [
  {
    name: 'engine',
    entries: ['index.ts', 'migration.ts', 'testing.ts'],
    together: {
      // What every command loads, and what `current` and an upgrade with nothing to do need.
      read: ['index.ts', 'inspect/current.ts', 'run/run.ts', 'project/ages.ts'],
      dialects: ['dialect/roles/running.ts', 'sql/reader.ts'],
      sqlite: ['dialect/sqlite/index.ts'],
      postgres: ['dialect/postgres/index.ts'],
      files: ['files/read-file.ts'],
      work: ['run/under-lock.ts'],
    },
    deferred: [],
  },
  // Both are for help alone; they compile large regular expressions, and load the data of Intl.Segmenter.
  {
    name: 'cli',
    entries: ['index.ts'],
    together: {},
    deferred: ['cliui', 'string-width'],
  },
]

/** The file that says from what a bundle was made. */
const stamp = '.bundle-inputs'

/** The name that stands for `require` until a file is written, so that the bundler leaves the call alone. */
const requireLater = '__requireOnDemand'

/**
 * Makes the bundles of which a source has changed, in `dist/bundle` of their packages. They contain what they use of the packages
 * that are `devDependencies` there: whoever installs a package does not need these.
 *
 * @throws Error where the bundler would only warn
 */
export async function bundlePackages() {
  for (const bundle of bundles) {
    const folder = join(root, 'packages', bundle.name)
    const stampFile = join(folder, 'dist', stamp)
    const inputs = hashOf([...filesBelow(join(folder, 'src')), join(root, 'package-lock.json'), import.meta.filename])
    if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === inputs) continue
    const files = await render(bundle, folder)
    rmSync(stampFile, { force: true })
    write(join(folder, 'dist', 'bundle'), files)
    writeFileSync(stampFile, inputs)
  }
}

/**
 * @param {Bundle} bundle
 * @param {string} folder of the package
 * @returns {Promise<Map<string, string>>} texts of files, by name
 */
async function render({ name, entries, together, deferred }, folder) {
  /** @type {{ devDependencies: Record<string, string> }} */
  const { devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const source = join(folder, 'src')
  const isOfProject = (/** @type {string} */ file) => file.startsWith(source + sep)
  const built = await rolldown({
    cwd: folder,
    input: Object.fromEntries(entries.map((entry) => [basename(entry, '.ts'), join(source, entry)])),
    platform: 'node',
    transform: {
      target: 'node20',
      // For a setting of yargs that no command has. CommonJS has nothing like it.
      define: { 'import.meta.resolve': 'undefined' },
    },
    external: (id, importer) =>
      !/^[.\0]/.test(id) &&
      !isAbsolute(id) &&
      importer !== undefined &&
      isOfProject(importer) &&
      !(id in devDependencies),
    plugins: [defer(deferred), ownAssertions(), onDemand(source)],
    // How long a plugin takes is the business of a machine with other work.
    checks: { bundlerTimings: false },
    onLog(level, log) {
      throw new Error(`the bundle of ${name}: ${level}: ${log.message}`)
    },
  })
  const { output } = await built.generate({
    format: 'cjs',
    exports: 'named',
    comments: { annotation: false, jsdoc: false, legal: false },
    chunkFileNames: '[name].js',
    codeSplitting: {
      // Each takes along all that its modules need, unless an earlier one has it.
      groups: Object.entries(together).map(([file, modules], index, all) => ({
        name: file,
        test: (id) => modules.some((it) => id === join(source, it)),
        priority: all.length - index,
      })),
    },
  })
  await built.close()
  const files = new Map(
    output.map((file) => [file.fileName, file.type === 'chunk' ? file.code.replaceAll(requireLater, 'require') : '']),
  )
  const modules = output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []))
  const licenses = licensesOf(modules)
  return licenses === '' ? files : files.set('LICENSES.txt', licenses)
}

/**
 * Makes files of their own of modules that the sources load when they are first needed: `require('./create')` inside a function. The
 * bundler by itself would put them into the file that loads them.
 *
 * @param {string} source the folder of the sources
 * @returns {Plugin}
 */
function onDemand(source) {
  const emitted = new Set()
  return {
    name: 'on-demand',
    async transform(code, importer) {
      let changed = code
      for (const [call, path = ''] of code.matchAll(/\brequire\('([^']+)'\)/g)) {
        if (!path.startsWith('.') && !isAbsolute(path)) continue
        const resolved = await this.resolve(path, importer)
        if (resolved === null) continue
        const { id } = resolved
        const inside = relative(source, id)
        const file = (inside.startsWith('..') ? basename(dirname(id)) : inside)
          .replace(/\.\w+$/, '')
          .replaceAll(sep, '-')
        if (!emitted.has(id)) this.emitFile({ type: 'chunk', id, fileName: `${file}.js` })
        emitted.add(id)
        changed = changed.replace(call, `${requireLater}('./${file}.js')`)
      }
      return changed === code ? undefined : { code: changed }
    },
  }
}

/**
 * @param {string[]} names of packages
 * @returns {Plugin}
 */
function defer(names) {
  const prefix = '\0deferred:'
  /** @type {Map<string, string>} */
  const real = new Map()
  return {
    name: 'defer',
    async resolveId(id, importer) {
      if (!names.includes(id) || importer === undefined) return undefined
      const resolved = await this.resolve(id, importer, { skipSelf: true })
      if (resolved === null) return undefined
      // Not the place on this machine: the bundler writes the name into the bundle.
      const name = prefix + relative(root, resolved.id).replaceAll(sep, '/')
      real.set(name, resolved.id)
      return name
    },
    load(id) {
      const file = real.get(id)
      if (file === undefined) return undefined
      return `let called\nexport default (...args) => (called ??= require(${quoted(file)}).default)(...args)\n`
    },
  }
}

/**
 * Assertions that need no module. yargs makes one at every command, which fails where no `package.json` is found and is caught then;
 * loading Node's takes as long as reading a history.
 */
export const assertions = `const fail = (message) => { throw new Error(message ?? 'an assertion failed') }
export const strictEqual = (a, b, message) => Object.is(a, b) || fail(message)
export const notStrictEqual = (a, b, message) => !Object.is(a, b) || fail(message)
`

/**
 * Puts {@link assertions} in the place of Node's.
 *
 * @returns {Plugin}
 */
function ownAssertions() {
  const name = '\0assert'
  return {
    name: 'own-assertions',
    resolveId: (id) => (/^(?:node:)?assert$/.test(id) ? name : undefined),
    load: (id) => (id === name ? assertions : undefined),
  }
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll('\\', '\\\\')}'`

/**
 * The licenses of the packages that a bundle contains: most of them ask for it.
 *
 * @param {readonly string[]} modules
 */
function licensesOf(modules) {
  const folders = new Set(
    modules.flatMap((id) => /^[^\0].*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(id) ?? []),
  )
  const texts = [...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((it) => /^license/i.test(it))
    if (file === undefined) throw new Error(`${name} has no license file, which a bundle with its code needs`)
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  })
  return texts.sort().join('\n---\n\n')
}

/**
 * Writes only what changed, since another command may be at work in the same checkout.
 *
 * @param {string} folder
 * @param {Map<string, string>} files
 */
function write(folder, files) {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of files) {
    const file = join(folder, name)
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  }
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name), { recursive: true })
}

/**
 * @param {string} folder
 * @returns {string[]} absolute, in order
 */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/**
 * What a result was made from: the names and contents of these files, and the version of Node.
 *
 * @param {string[]} files
 */
export function hashOf(files) {
  const hash = createHash('sha256').update(process.version)
  for (const file of files) hash.update(relative(root, file)).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}
