import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor'

/**
 * @typedef {object} Report the exports of one entry point of a package, as text
 * @property {string} file the accepted report in `etc/` of the package
 * @property {string} built the current report in the scratch folder
 * @property {boolean} changed whether the two differ, or there is no accepted one; with `accept`, `etc/` then contains the new one
 * @property {string[]} problems types that a signature names and that users cannot import
 */

/**
 * Compares the exports of packages with the accepted reports. The packages must be built, because users get the declarations in
 * `dist/`. All entry points share one compiler, which API Extractor would otherwise start for each.
 *
 * @param {readonly string[]} folders of packages, absolute
 * @param {object} options
 * @param {boolean} options.accept write the reports
 * @param {string} options.scratch a folder for the current reports
 * @returns {Report[]} one for each entry point
 */
export function apiReports(folders, { accept, scratch }) {
  const configs = folders.flatMap((folder) =>
    entriesOf(folder).map(({ name, types }) => configOf(folder, { name, types, scratch })),
  )
  const [first] = configs
  if (first === undefined) return []
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: configs.map((config) => config.mainEntryPointFilePath),
  })
  return configs.map((config) => {
    /** @type {string[]} */
    const problems = []
    const { apiReportChanged } = Extractor.invoke(config, {
      compilerState,
      localBuild: accept,
      messageCallback: (message) => {
        const isProblem = message.messageId === 'ae-forgotten-export' || message.logLevel === 'error'
        if (isProblem) problems.push(`${message.sourceFilePath ?? ''}:${message.sourceFileLine ?? ''}: ${message.text}`)
        message.handled = true
      },
    })
    const built = config.reportTempFilePath
    return { file: config.reportFilePath, built, changed: apiReportChanged, problems }
  })
}

/**
 * The entry points of a package that have types, with the names of their reports: `engine`, `engine-migration`.
 *
 * @param {string} folder
 * @returns {{ name: string, types: string }[]}
 */
export function entriesOf(folder) {
  /** @type {{ exports: Record<string, string | { types?: string }> }} */
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.entries(exports).flatMap(([path, entry]) => {
    if (typeof entry === 'string' || entry.types === undefined) return []
    const name = [basename(folder), ...path.split('/').slice(1)].join('-')
    return [{ name, types: join(folder, entry.types) }]
  })
}

/**
 * @param {string} folder
 * @param {{ name: string, types: string, scratch: string }} entry
 */
function configOf(folder, { name, types, scratch }) {
  const reportFolder = join(folder, 'etc')
  // API Extractor does not create these folders.
  for (const needed of [reportFolder, scratch]) if (!existsSync(needed)) mkdirSync(needed, { recursive: true })
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      apiReport: { enabled: true, reportFileName: name, reportFolder, reportTempFolder: scratch },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
    },
  })
}
