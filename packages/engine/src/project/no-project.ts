import path from 'node:path'

import { AludelError } from '../errors'
import { findDataSources } from './find-data-source'

const file = 'aludel.config.json'

/**
 * The error for a directory in which no project is configured. It never guesses: a URL alone may be that of a database with other
 * tables, and the only DataSource of a project may be that of another database.
 *
 * @param configPath a configuration file that names neither a DataSource nor entities; null if there is none
 */
export async function noProject(cwd: string, configPath: string | null): Promise<AludelError> {
  const dataSources = await findDataSources(cwd)
  const message =
    configPath === null
      ? `there is no project in ${cwd}: no aludel.config.* here or above, and no --data-source`
      : `${configPath} names no DataSource`
  return new AludelError('ALUDEL_NO_PROJECT', message, {
    help: helpFor(cwd, dataSources, configPath),
    details: { config: configPath, dataSources },
  })
}

function helpFor(cwd: string, dataSources: readonly string[], configPath: string | null): string {
  const [first, ...others] = dataSources
  const where = first ?? 'path/to/data-source.ts'
  const option = others.length > 0 || first === undefined ? ` --data-source ${where}` : ''
  const lines =
    first === undefined
      ? []
      : [`There is a DataSource at ${dataSources.slice(0, 3).join(', ')}${dataSources.length > 3 ? ', …' : ''}.`]
  if (configPath === null) {
    lines.push(
      `Set the project up with \`aludel migrate init${option}\`; for one command, give --data-source ${where}.`,
    )
  } else {
    const named = path.relative(path.dirname(configPath), path.resolve(cwd, first ?? './src/data-source.ts'))
    const relative = `${named.startsWith('..') ? '' : './'}${named.split(path.sep).join('/')}`
    lines.push(`Add \`"dataSource": ${JSON.stringify(relative)}\`, or give --data-source ${where}.`)
  }
  const config = configPath === null ? file : path.basename(configPath)
  lines.push(`For the entities of @aludel/models, write \`"shipped": true\` into ${config}.`)
  return lines.join('\n')
}
