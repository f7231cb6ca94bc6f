import { cellsOf } from './report.mjs'
import { median } from './measure.mjs'

/** @typedef {import('./measure.mjs').Row} Row */

/**
 * Text has a contrast of at least 4.5 : 1 with its background, bars of 3 : 1; a sign says as well what a color says.
 * https://www.w3.org/TR/WCAG22/#contrast-minimum
 */
const themes = {
  light: { background: '#ffffff', text: '#1f2328', quiet: '#59636e', line: '#d1d9e0', yes: '#0969da', no: '#bc4c00' },
  dark: { background: '#0d1117', text: '#f0f6fc', quiet: '#9198a1', line: '#3d444d', yes: '#4493f8', no: '#db6d28' },
}

const width = 960
const top = 92
const rowHeight = 36
/** Where the bars begin, and where the goal of every row is. */
const [barsAt, goalAt] = [480, 620]
/** The longest bar, as a multiple of the goal. */
const longest = 2

/**
 * Draws what has a goal: one bar for each row, relative to its goal; what is or is not so has only the answer.
 *
 * @param {import('./run.mjs').Results} results
 * @param {keyof typeof themes} theme
 * @returns {string} SVG with text as text
 */
export function drawPicture({ rows, machine, date, runs }, theme) {
  const color = themes[theme]
  const shown = rows.filter(({ ok }) => ok !== null)
  const reached = shown.filter(({ ok }) => ok).length
  const bottom = top + shown.length * rowHeight
  const height = bottom + 40
  const title = `Aludel against other programs: ${reached} of ${shown.length} goals reached`
  const about = `${machine['processor']}, ${machine['cores']} cores, ${machine['memory']}; median of up to ${runs} rounds; ${date.slice(0, 10)}`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title about" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13">
<title id="title">${escape(title)}</title>
<desc id="about">${escape(about)}</desc>
<rect width="${width}" height="${height}" fill="${color.background}"/>
<text x="16" y="30" font-size="18" font-weight="600" fill="${color.text}">${escape(title)}</text>
<text x="16" y="54" fill="${color.quiet}">Shorter is better. A pointed bar is longer than there is room for.</text>
<text x="${goalAt}" y="${top - 14}" text-anchor="middle" fill="${color.text}">goal</text>
${shown.map((row, index) => drawRow(row, top + index * rowHeight, color)).join('\n')}
<line x1="${goalAt}" y1="${top - 8}" x2="${goalAt}" y2="${bottom - 4}" stroke="${color.text}" stroke-dasharray="3 3"/>
<text x="16" y="${height - 14}" fill="${color.quiet}">${escape(about)}</text>
</svg>
`
}

/**
 * @param {Row} row
 * @param {number} y
 * @param {(typeof themes)['light']} color
 */
function drawRow(row, y, color) {
  const { figure, kind, ok } = row
  const { against, ours, value, goal } = cellsOf(row)
  const text = String((kind === 'limit' ? ours : value).split(' (')[0])
  return `<g>
<line x1="16" y1="${y - 4}" x2="${width - 16}" y2="${y - 4}" stroke="${color.line}"/>
<text x="16" y="${y + 10}" fill="${color.text}">${escape(figure)}</text>
<text x="16" y="${y + 25}" font-size="11" fill="${color.quiet}">${escape(`${kind === 'answer' ? '' : 'against '}${against}`)}</text>
${kind === 'answer' ? '' : bar(row, y + 5, ok ? color.yes : color.no)}
<text x="${width - 16}" y="${y + 18}" text-anchor="end" fill="${color.text}">${escape(
    `${ok ? '✓' : '✗'} ${kind === 'answer' ? (ok ? 'yes' : 'no') : `${text}, goal ${goal}`}`,
  )}</text>
</g>`
}

/**
 * @param {Row} row
 * @param {number} y
 * @param {string} color
 */
function bar({ kind, values, goal }, y, color) {
  // A difference of 0 is a bar, too.
  const more = kind === 'more' ? 1 : 0
  const share = (median(values) + more) / (Number(goal) + more)
  const end = barsAt + Math.round(Math.min(longest, Math.max(0.02, share)) * (goalAt - barsAt))
  const shape =
    share > longest ? `L${end - 8},${y} L${end},${y + 8} L${end - 8},${y + 16}` : `L${end},${y} L${end},${y + 16}`
  return `<path d="M${barsAt},${y} ${shape} L${barsAt},${y + 16} Z" fill="${color}"/>`
}

/** @param {string} text */
const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
