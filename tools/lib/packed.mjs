import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { root } from './process.mjs'

const execute = promisify(execFile)

/**
 * @typedef {object} Packed
 * @property {string} name for example `@aludel/engine`
 * @property {string} tarball
 * @property {string[]} files paths in the package
 */

/**
 * Packs every package as it would be published.
 *
 * @param {string} folder for the tarballs
 * @returns {Promise<Packed[]>}
 */
export async function packAll(folder) {
  const args = ['pack', '--workspaces', '--ignore-scripts', '--json', '--pack-destination', folder]
  const { stdout } = await execute('npm', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  /** @type {{ name: string, filename: string, files: { path: string }[] }[]} */
  const packed = Object.values(JSON.parse(stdout))
  return packed.map(({ name, filename, files }) => ({
    name,
    tarball: join(folder, filename),
    files: files.map(({ path }) => path),
  }))
}

/** A project that has installed Aludel from the registry. */
export class Consumer {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder
  }

  /**
   * Unpacks the packages, and links the dependencies that they and the project declare. Nothing is fetched or compiled, and an
   * undeclared dependency is missing.
   *
   * @param {readonly Packed[]} packed
   * @param {object} project
   * @param {Record<string, string>} project.dependencies of the project itself: name → installed package of this repository
   * @param {object} project.manifest further lines of its package.json
   * @param {Record<string, string>} project.files
   * @param {Record<string, (path: string) => boolean>} [project.copied] dependencies to copy instead, so that they find only what
   *   is installed here, with a filter of their files
   */
  static async make(packed, { dependencies, manifest, files, copied = {} }) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aludel-consumer-')))
    const consumer = new Consumer(folder)
    try {
      consumer.write({ 'package.json': JSON.stringify({ name: 'app', private: true, ...manifest }, null, 2), ...files })
      for (const [name, filter] of Object.entries(copied)) consumer.#copy(name, filter)
      for (const [name, installed] of Object.entries(dependencies)) {
        consumer.#link(name, join(root, 'node_modules', installed))
      }
      for (const one of packed) await consumer.#unpack(one)
    } catch (error) {
      consumer.remove()
      throw error
    }
    return consumer
  }

  /** @param {Packed} packed */
  async #unpack({ name, tarball }) {
    const target = join(this.folder, 'node_modules', name)
    mkdirSync(target, { recursive: true })
    await execute('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'])
    const { dependencies = {}, bin = {} } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'))
    const source = join(root, 'packages', name.replace('@aludel/', ''))
    for (const dependency of Object.keys(dependencies)) {
      if (dependency.startsWith('@aludel/')) continue
      const nested = join(source, 'node_modules', dependency)
      this.#link(dependency, existsSync(nested) ? nested : join(root, 'node_modules', dependency))
    }
    for (const [command, path] of Object.entries(bin)) this.#link(`.bin/${command}`, join(target, path))
  }

  /**
   * @param {string} name
   * @param {(path: string) => boolean} filter
   */
  #copy(name, filter) {
    const source = join(root, 'node_modules', name)
    const inside = (/** @type {string} */ path) => filter(path.slice(source.length))
    cpSync(source, join(this.folder, 'node_modules', name), { recursive: true, filter: inside })
    const { dependencies = {} } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
    for (const dependency of Object.keys(dependencies)) this.#link(dependency, join(root, 'node_modules', dependency))
  }

  /**
   * @param {string} name
   * @param {string} target
   */
  #link(name, target) {
    const path = join(this.folder, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) symlinkSync(target, path)
  }

  /** @param {Record<string, string>} files */
  write(files) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
  }

  /**
   * Runs `aludel`, and rejects unless it exits with 0.
   *
   * @param {string[]} args
   * @returns {Promise<string>} its output
   */
  aludel(...args) {
    return this.node(join('node_modules', '.bin', 'aludel'), ...args)
  }

  /**
   * Runs `aludel --json`, which fails.
   *
   * @param {string[]} args
   * @returns {Promise<{ code: string, message: string, help: string, details: object, exit: number }>} its error, and the exit code
   */
  async fails(...args) {
    try {
      await this.aludel(...args, '--json')
    } catch (error) {
      const { stdout, code } = /** @type {{ stdout: string, code: number }} */ (error)
      return { ...JSON.parse(stdout).error, exit: code }
    }
    throw new Error(`aludel ${args.join(' ')} did not fail`)
  }

  /**
   * @param {string[]} args
   * @returns {Promise<string>} what it printed
   */
  async node(...args) {
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.folder }
    const { stdout } = await execute(process.execPath, args, { cwd: this.folder, env, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
