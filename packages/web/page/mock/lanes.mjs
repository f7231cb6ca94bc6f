/** @typedef {import('../../src/api/types').RevisionRow} RevisionRow */
/** @typedef {{ to: string, kind: 'p' | 'd', from: number }} Line */

/**
 * Gives each row of a history (newest first) its lane and its edges, as the server does.
 *
 * @param {readonly Omit<RevisionRow, 'lane' | 'edges'>[]} rows
 * @returns {{ revisions: RevisionRow[], lanes: number }}
 */
export function layOut(rows) {
  const known = new Set(rows.map((row) => row.revision))
  /** @type {(Line | undefined)[]} */
  let lines = []
  let lanes = 1
  /** @type {RevisionRow[]} */
  const revisions = []
  for (const row of rows) {
    const arriving = lines.findIndex((line) => line?.to === row.revision)
    const lane = arriving === -1 ? free(lines) : arriving
    const above = revisions.at(-1)
    if (above !== undefined) {
      const edges = lines.flatMap((line, at) =>
        line === undefined ? [] : [edge(line.from, line.to === row.revision ? lane : at, line.kind)],
      )
      revisions[revisions.length - 1] = edges.length > 0 ? { ...above, edges } : above
    }
    lines = lines.map((line, at) =>
      line === undefined || line.to === row.revision ? undefined : { ...line, from: at },
    )
    for (const [kind, ids] of /** @type {const} */ ([
      ['p', row.down ?? []],
      ['d', row.dependsOn ?? []],
    ])) {
      for (const to of ids) {
        if (!known.has(to)) continue
        const at = lines[lane] === undefined && kind === 'p' ? lane : free(lines)
        lines[at] = { to, kind, from: lane }
      }
    }
    lanes = Math.max(lanes, lane + 1, lines.length)
    revisions.push({ ...row, lane })
  }
  return { revisions, lanes }
}

/**
 * @param {number} from
 * @param {number} to
 * @param {'p' | 'd'} kind
 * @returns {readonly [number, number, 'p' | 'd']}
 */
const edge = (from, to, kind) => [from, to, kind]

/** @param {readonly (Line | undefined)[]} lines */
function free(lines) {
  const at = lines.findIndex((line) => line === undefined)
  return at === -1 ? lines.length : at
}
