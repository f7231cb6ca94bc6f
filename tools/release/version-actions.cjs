const { execFileSync } = require('node:child_process')
const { join } = require('node:path')
const { VersionActions } = require('nx/release')

/** @typedef {import('nx/src/devkit-exports').Tree} Tree */

/** Where a manifest names other packages of this repository; the command line has some of them as optional peers. */
const collections = /** @type {const} */ (['dependencies', 'peerDependencies'])

/**
 * Reads and writes versions for `nx release`. Nx's own implementation is in `@nx/js`, which depends on all of Babel. The packages
 * of this repository have one version and depend on exactly that version of each other, which needs less code.
 *
 * https://nx.dev/docs/guides/nx-release
 */
class PackageVersions extends VersionActions {
  validManifestFilenames = ['package.json']

  get #path() {
    return join(this.projectGraphNode.data.root, 'package.json')
  }

  /** @param {Tree} tree */
  readCurrentVersionFromSourceManifest(tree) {
    const { version } = read(tree, this.#path)
    return Promise.resolve({ currentVersion: version, manifestPath: this.#path })
  }

  /** The current version comes from the repository, so a release needs no registry. */
  readCurrentVersionFromRegistry() {
    return Promise.resolve(null)
  }

  /**
   * @param {Tree} tree
   * @param {unknown} _graph
   * @param {string} name of the nx project
   */
  readCurrentVersionOfDependency(tree, _graph, name) {
    const manifest = read(tree, this.#path)
    const collection = collections.find((one) => manifest[one]?.[`@aludel/${name}`] !== undefined) ?? null
    return Promise.resolve({
      currentVersion: collection === null ? null : manifest[collection][`@aludel/${name}`],
      dependencyCollection: collection,
    })
  }

  /**
   * @param {Tree} tree
   * @param {string} version
   */
  updateProjectVersion(tree, version) {
    const manifest = read(tree, this.#path)
    write(tree, this.#path, { ...manifest, version })
    return Promise.resolve([`${manifest.name} ${manifest.version} → ${version}`])
  }

  /**
   * @param {Tree} tree
   * @param {unknown} _graph
   * @param {Record<string, string>} versions by nx project
   */
  updateProjectDependencies(tree, _graph, versions) {
    const manifest = read(tree, this.#path)
    const changed = []
    for (const collection of collections) {
      for (const [project, version] of Object.entries(versions)) {
        const name = `@aludel/${project}`
        if (manifest[collection]?.[name] === undefined) continue
        manifest[collection][name] = version
        changed.push(`${manifest.name} depends on ${name} ${version}`)
      }
    }
    if (changed.length > 0) write(tree, this.#path, manifest)
    return Promise.resolve(changed)
  }
}

/**
 * The lockfile contains the versions of the packages too, and `npm ci` refuses one that disagrees.
 *
 * @param {string} cwd
 * @param {{ dryRun?: boolean }} options
 */
function afterAllProjectsVersioned(cwd, { dryRun = false }) {
  if (!dryRun) execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd, stdio: 'ignore' })
  return Promise.resolve({ changedFiles: ['package-lock.json'], deletedFiles: [] })
}

/**
 * @param {Tree} tree
 * @param {string} path
 */
function read(tree, path) {
  return JSON.parse(tree.read(path, 'utf-8') ?? '{}')
}

/**
 * @param {Tree} tree
 * @param {string} path
 * @param {object} manifest
 */
function write(tree, path, manifest) {
  tree.write(path, JSON.stringify(manifest, null, 2) + '\n')
}

module.exports = PackageVersions
module.exports.afterAllProjectsVersioned = afterAllProjectsVersioned
