import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './process.mjs'

/** The compiler of TypeScript 7, as in compiler.mjs. */
const compiler = join(root, 'node_modules', 'typescript-native', 'bin', 'tsc')

/**
 * What is wrong with the objects of Kubernetes manifests: fields that do not exist, that are missing, or that have another type. They are
 * compared with the types of `kubernetes-types`, which are made from the OpenAPI schemas of Kubernetes; a JSON schema of these would
 * accept a field that does not exist.
 *
 * @param {readonly { apiVersion: string, kind: string }[]} objects
 * @returns {Promise<string[]>} the messages of the compiler
 */
export async function problemsOf(objects) {
  const scratch = join(root, '.cache', 'kubernetes')
  mkdirSync(scratch, { recursive: true })
  const folder = mkdtempSync(join(scratch, 'types-'))
  try {
    const lines = objects.map((object, index) => {
      const [group = '', version] = object.apiVersion.includes('/')
        ? object.apiVersion.split('/')
        : ['core', object.apiVersion]
      const type = `import('kubernetes-types/${group}/${version}').${object.kind}`
      return `export const object${index}: ${type} = ${JSON.stringify(object)}`
    })
    const file = join(folder, 'objects.ts')
    writeFileSync(file, lines.join('\n'))
    return await diagnostics(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * @param {string} file
 * @returns {Promise<string[]>}
 */
function diagnostics(file) {
  const args = [
    compiler,
    '--noEmit',
    // A line for each, also where FORCE_COLOR is set.
    '--pretty',
    'false',
    '--strict',
    '--skipLibCheck',
    '--module',
    'node16',
    '--types',
    '',
    '--ignoreConfig',
    file,
  ]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) => {
      const text = (stdout + stderr).trim()
      resolve(error === null ? [] : text === '' ? [error.message] : text.split(/\n(?=\S)/))
    })
  })
}
