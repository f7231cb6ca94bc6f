// Runs before the tests of a stack with another TypeORM than that of the repository. Creates a folder in which projects of tests,
// and the commands that they run, find the packages and the TypeORM of the stack.
import { chmodSync, cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { linkModules } from '../lib/modules.mjs'
import { packageNames } from '../lib/nx.mjs'
import { root } from '../lib/process.mjs'
import testing from './stacks.cjs'

/** The variable with the folder, which environment.cjs reads for the stacks that need it. */
const variable = 'ALUDEL_TEST_LEGACY_INSTALLATION'

const { typeorm } = testing.stackOf('typeorm-0.3')

/** jest's `globalSetup`; jest calls it once, and its workers inherit the environment. */
export default function setUp() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aludel-installation-')))
  // Some tests run the command as another user.
  chmodSync(folder, 0o755)
  for (const name of packageNames) copyPackage(join(root, 'packages', name), join(folder, 'packages', name))
  linkModules(folder, folder, typeorm)
  process.env[variable] = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}

/**
 * Copies the published files of a package. A link would not do, because Node searches `typeorm` from the real path of a file.
 *
 * @param {string} from
 * @param {string} to
 */
function copyPackage(from, to) {
  for (const part of ['package.json', 'bin', 'dist']) {
    if (existsSync(join(from, part))) cpSync(join(from, part), join(to, part), { recursive: true })
  }
  const nested = join(from, 'node_modules')
  if (existsSync(nested)) symlinkSync(nested, join(to, 'node_modules'))
}
