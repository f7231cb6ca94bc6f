import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { finish } from './measure.mjs'
import { aludelIn, script } from './programs.mjs'
import { loadedVariable, smallSteps, variable, writeProject, writeRevisions } from './projects.mjs'
import { openLog } from './server-log.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./databases.mjs').Place} Place */
/** @typedef {import('./measure.mjs').Command} Command */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./projects.mjs').Project} Project */
/** @typedef {import('./setting.mjs').Setting} Setting */

/**
 * What an application pays for `initializeDatabase` when nothing is pending, beyond connecting its DataSource; and that nothing
 * else happens then.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function startUp(setting) {
  const { revisions } = setting.sizes
  return [
    ...['SQLite', 'PostgreSQL'].map((title) => ({
      name: `start-up check, up to date, ${revisions.toLocaleString('en-US')}, ${title}`,
      open: () => contest(setting, title),
    })),
    { name: 'nothing pending: no lock, nothing written, no file loaded', ask: () => nothingPending(setting) },
  ]
}

/**
 * @param {Setting} setting
 * @param {string} title
 * @returns {Promise<import('./measure.mjs').Contest>}
 */
async function contest(setting, title) {
  const place = title === 'SQLite' ? setting.sqlite : await setting.postgres('fast')
  const { project, database } = await upToDate(setting, place)
  const name = `start-up check, up to date, ${title}`
  /** @param {'check' | 'connect'} what */
  const application = (what) => async () => ({
    ...startUpScript(project, database, what),
    collect: (/** @type {string} */ output) => JSON.parse(output),
  })
  return {
    ours: { name: 'initializeDatabase', prepare: application('check') },
    peers: [
      {
        name: 'connect',
        prepare: application('connect'),
        rows: [
          { figure: `${name}, queries`, measure: 'queries', kind: 'more', goal: 2 },
          { figure: `${name}, processor time`, measure: 'loadedCpuMs', kind: 'more', goal: 5 },
          { figure: `${name}, the same with loading the engine`, measure: 'cpuMs', kind: 'more', goal: 5 },
          { figure: `${name}, whole process`, measure: 'ms', kind: 'more' },
        ],
      },
    ],
    close: database.drop,
  }
}

/**
 * @param {Project} project
 * @param {BenchDatabase} database
 * @param {'check' | 'connect'} what
 * @returns {Command}
 */
const startUpScript = (project, database, what) => ({
  ...script('start-up.cjs', project.dataSource, project.revisions, what),
  cwd: project.folder,
  env: { [variable]: database.target },
})

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {boolean} [report] whether the revisions report that they were loaded
 */
async function upToDate(setting, place, report = false) {
  const project = writeProject(setting.folder('start-up'), place.dialect)
  writeRevisions(project.revisions, smallSteps(setting.sizes.revisions), { report })
  const database = await place.create()
  await finish('aludel migrate upgrade', aludelIn(project, database, 'migrate', 'upgrade'))
  await setting.warm(async () => void (await finish('initializeDatabase', startUpScript(project, database, 'check'))))
  return { project, database }
}

/**
 * What the server's log, and the revision files themselves, tell about a run that has nothing to do.
 *
 * @param {Setting} setting
 * @returns {Promise<import('./measure.mjs').Answer[]>}
 */
async function nothingPending(setting) {
  const place = await setting.postgres('logged')
  const { project, database } = await upToDate(setting, place, true)
  const loaded = join(project.folder, 'loaded')
  const log = await openLog(await setting.server('logged'))
  try {
    const commands = [
      { name: 'aludel migrate upgrade', command: aludelIn(project, database, 'migrate', 'upgrade') },
      { name: 'aludel migrate current', command: aludelIn(project, database, 'migrate', 'current') },
      { name: 'initializeDatabase', command: startUpScript(project, database, 'check') },
    ]
    const answers = []
    for (const { name, command } of commands) {
      await log.skip()
      await finish(name, { ...command, env: { ...command.env, [loadedVariable]: loaded } })
      const statements = await log.statements()
      if (statements.length === 0) throw new Error(`the server's log shows no statement of ${name}`)
      const locks = statements.filter((statement) =>
        /advisory|\bFOR (NO KEY )?(UPDATE|SHARE)\b|^LOCK\b/i.test(statement),
      )
      const writes = statements.filter(
        (statement) =>
          !/^(SELECT|SHOW|SET|BEGIN|START TRANSACTION|COMMIT|ROLLBACK|WITH|RESET|DISCARD)\b/i.test(statement),
      )
      const files = linesOf(loaded)
      answers.push(
        answer('no lock is taken', name, "the server's log", locks),
        answer('nothing is written', name, "the server's log", writes),
        answer('no revision file is loaded', name, 'a line in each file', files),
      )
    }
    return answers
  } finally {
    await log.close()
    await database.drop()
  }
}

/**
 * @param {string} what
 * @param {string} name
 * @param {string} against
 * @param {string[]} found what contradicts it
 */
const answer = (what, name, against, found) => ({
  figure: `nothing pending: ${what}`,
  against: `${name}: ${against}`,
  ok: found.length === 0,
  ...(found[0] !== undefined && { details: found[0] }),
})

/** @param {string} file */
function linesOf(file) {
  try {
    return readFileSync(file, 'utf8').trim().split('\n')
  } catch {
    return []
  } finally {
    rmSync(file, { force: true })
  }
}
