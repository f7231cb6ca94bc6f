import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'

const require = createRequire(import.meta.url)

/** What surrounds the tables in the guide. */
const marks = { start: '<!-- rules: written by `npm run api` -->', end: '<!-- end of the rules -->' }

/** @type {Readonly<Record<string, string>>} */
const titles = {
  loss: 'Loss',
  compatibility: 'Code of the release before',
  rows: 'Rows that do not fit',
  locks: 'Locks',
  rewrites: 'Rewrites',
  hygiene: 'Revisions that do not do what they seem to',
  sqlite: 'SQLite',
  style: 'Style',
}

/**
 * Compares the tables of rules in `docs/lint.md` with the rules themselves. The engine must be built.
 *
 * @param {string} engine its folder
 * @param {object} options
 * @param {string} options.file the guide
 * @param {boolean} options.accept write the file
 * @param {string} options.scratch a folder for the current guide
 * @returns {Promise<import('./api.mjs').Report>}
 */
export async function lintRulesReport(engine, { file, accept, scratch }) {
  const { rules } = require(join(engine, 'dist/lint/rules/index.js'))
  const text = readFileSync(file, 'utf8')
  const [before, rest = ''] = text.split(marks.start)
  const after = rest.split(marks.end)[1]
  if (before === undefined || after === undefined)
    return { file, built: file, changed: false, problems: [`${file} lacks the marks around its rules`] }
  const whole = `${before}${marks.start}\n\n${tablesOf(rules)}\n\n${marks.end}${after}`
  const wanted = await format(whole, { ...(await resolveConfig(file)), parser: 'markdown' })
  const built = join(scratch, 'lint.md')
  writeFileSync(built, wanted)
  if (accept && wanted !== text) writeFileSync(file, wanted)
  return { file, built, changed: wanted !== text, problems: [] }
}

/**
 * @param {{ id: string, name: string, category: string, severity: string, about: string, postgres?: object, sqlite?: object }[]} rules
 */
function tablesOf(rules) {
  return Object.entries(titles)
    .map(([category, title]) => {
      const own = rules.filter((rule) => rule.category === category)
      if (own.length === 0) return ''
      const rows = own
        .toSorted((a, b) => orderOf(a.id) - orderOf(b.id))
        .map(
          (rule) =>
            `| \`${rule.name}\` | ${rule.id} | ${severityOf(rule)} | ${dialectsOf(rule)} | ${cell(rule.about)} |`,
        )
      return [`### ${title}`, '', '| Rule | | Default | On | |', '| - | - | - | - | - |', ...rows].join('\n')
    })
    .filter((part) => part !== '')
    .join('\n\n')
}

/** @param {string} id `L12` */
function orderOf(id) {
  return (id.codePointAt(0) ?? 0) * 1000 + Number(id.slice(1))
}

/** @param {{ category: string, severity: string }} rule */
function severityOf({ category, severity }) {
  return category === 'style' ? 'off' : severity
}

/** @param {{ postgres?: object, sqlite?: object }} rule */
function dialectsOf({ postgres, sqlite }) {
  if (postgres !== undefined && sqlite !== undefined) return 'both'
  if (postgres !== undefined) return 'PostgreSQL'
  return sqlite === undefined ? '' : 'SQLite'
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
