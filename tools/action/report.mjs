/** @typedef {import('./commands.mjs').Check} Check */
/** @typedef {import('./commands.mjs').Plan} Plan */
/** @typedef {import('./commands.mjs').Step} Step */

/** The first line of a comment of this action, by which the next run finds it. */
export const marker = '<!-- aludel migrations -->'

/** GitHub refuses comments of more than 65,536 characters. */
const longest = 60_000

/** @type {Readonly<Record<Check['outcome'], string>>} */
const signs = { passed: '✅', found: '❌', failed: '❌', missing: '➖' }
/** @type {Readonly<Record<Check['outcome'], string>>} */
const words = { passed: 'passed', found: 'not clean', failed: 'failed', missing: 'this version has no such command' }

/** @param {readonly Check[]} checks */
export function isClean(checks) {
  return checks.every(({ outcome }) => outcome === 'passed' || outcome === 'missing')
}

/**
 * The report of a run, in Markdown.
 *
 * @param {object} results
 * @param {readonly Check[]} results.checks
 * @param {Plan | undefined} results.plan
 * @param {readonly string[] | undefined} results.changed files of the pull request; then only their revisions are shown
 * @returns {string}
 */
export function report({ checks, plan, changed }) {
  const head = [marker, '## Migrations', '', ...checkLines(checks)]
  const blocks = plan === undefined ? [] : planBlocks(plan, changed)
  const whole = [...head, ...blocks.flatMap(({ lines, sql }) => [...lines, ...sql])].join('\n') + '\n'
  if (whole.length <= longest) return whole
  // Without statements it is a summary; of very many revisions, the rest is left out.
  const text = [...head, ...blocks.flatMap(({ lines }) => lines)].join('\n')
  const note = '\n\n_The statements are too long for a comment: see `aludel migrate upgrade --plan -v`._\n'
  if (text.length + note.length <= longest) return text + note
  return text.slice(0, text.lastIndexOf('\n', longest - note.length)) + note
}

/** @param {readonly Check[]} checks */
function checkLines(checks) {
  if (checks.length === 0) return []
  return [
    ...['| check | result |', '| --- | --- |'],
    ...checks.map(({ name, outcome }) => `| \`${name}\` | ${signs[outcome]} ${words[outcome]} |`),
    ...checks.flatMap(({ name, outcome, output }) =>
      outcome === 'found' || outcome === 'failed' ? ['', `\`${name}\`:`, '', ...fenced(output, 'text')] : [],
    ),
  ]
}

/**
 * @param {Plan} plan
 * @param {readonly string[] | undefined} changed
 * @returns {{ lines: string[], sql: string[] }[]}
 */
function planBlocks(plan, changed) {
  if ('error' in plan) return [{ lines: ['', `No plan: ${inline(plan.error)}`], sql: [] }]
  const mine = plan.steps.filter(({ path }) => changed === undefined || path === undefined || isIn(path, changed))
  const others = plan.steps.length - mine.length
  const title =
    mine.length === 0 ? 'No new revisions.' : `### ${mine.length} new revision${mine.length === 1 ? '' : 's'}`
  const rest =
    others === 0 || changed === undefined
      ? []
      : [
          '',
          `${others} more ${others === 1 ? 'is' : 'are'} pending on this database, which this pull request does not change.`,
        ]
  return [{ lines: ['', title, ...rest], sql: [] }, ...mine.map(stepBlock)]
}

/** @param {Step} step */
function stepBlock({ revision, message, transactional, does, destroys, unknown, needs = [], locks, rewrites, sql }) {
  /**
   * @param {string} label
   * @param {readonly string[]} items
   */
  const list = (label, items) => (items.length === 0 ? [] : [`- ${label}: ${items.map(inline).join(' · ')}`])
  const lines = [
    ...['', `**\`${revision}\`** ${inline(message)}${transactional ? '' : ' _(outside a transaction)_'}`, ''],
    ...list('does', does),
    ...list('⚠️ **loses**', destroys),
    ...list('⚠️ not known', unknown),
    ...list('needs', needs),
    ...list('locks', locks),
    ...list('rewrites', rewrites),
    ...(sql.length === 0 ? ['- its statements are known only when it runs'] : []),
  ]
  const statements =
    sql.length === 0
      ? []
      : [
          '',
          '<details><summary>SQL</summary>',
          '',
          ...fenced(sql.map((one) => `${one};`).join('\n'), 'sql'),
          '',
          '</details>',
        ]
  return { lines, sql: statements }
}

/**
 * Whether a path of this machine is one of the files of the repository.
 *
 * @param {string} path
 * @param {readonly string[]} files
 */
function isIn(path, files) {
  const normal = path.replaceAll('\\', '/')
  return files.some((file) => normal === file || normal.endsWith(`/${file}`))
}

/**
 * Text that Markdown and HTML leave as it is.
 *
 * @param {string} text
 */
function inline(text) {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|@#]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/**
 * A block with a fence that its text does not contain.
 *
 * @param {string} text
 * @param {string} language
 */
function fenced(text, language) {
  const runs = text.match(/`+/g) ?? []
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)))
  return [fence + language, text, fence]
}
