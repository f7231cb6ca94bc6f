import { commands } from './lazy'
import type { InitOptions, InitResult } from './project/init'

/**
 * Scaffolds a configuration file, the revision directories with a README and an editable template, an npm script, and
 * `allowScripts` for the drivers that npm builds.
 * Overwrites nothing. The configuration is JSON,
 * which is read without a compiler, which `create` can add answers to, and which editors check with its schema.
 *
 * @throws AludelError `ALUDEL_DATA_SOURCE` when no DataSource file is named or found, or it does not load; `ALUDEL_CONFIG` when
 *   `package.json` cannot be read, or the DataSource lists migration classes without files; the errors of reading revisions
 * @example
 * await initProject({ cwd: process.cwd(), dataSource: 'src/data-source.ts' })
 */
export function initProject(options: InitOptions): Promise<InitResult> {
  return commands.init().initProject(options)
}
