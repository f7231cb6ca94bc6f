const { execFileSync } = require('node:child_process')
const { join } = require('node:path')
const { VersionActions } = require('nx/release')

/** @typedef {import('nx/src/devkit-exports').Tree} Tree */

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
    const currentVersion = read(tree, this.#path).dependencies?.[`@aludel/${name}`] ?? null
    return Promise.resolve({
      currentVersion,
      dependencyCollection: currentVersion === null ? null : 'dependencies',
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
    const dependencies = { ...manifest.dependencies }
    const changed = []
    for (const [project, version] of Object.entries(versions)) {
      const name = `@aludel/${project}`
      if (dependencies[name] === undefined) continue
      dependencies[name] = version
      changed.push(`${manifest.name} depends on ${name} ${version}`)
    }
    if (changed.length > 0) write(tree, this.#path, { ...manifest, dependencies })
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
