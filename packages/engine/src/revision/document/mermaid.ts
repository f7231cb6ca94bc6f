import { mermaidLabel } from '../../text'
import { type DocumentRevision, edgesOf, isBase, marksOf, messageOf } from './revision'

/**
 * A Mermaid flowchart, oldest at the bottom, in basic syntax that every version supports.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function mermaidText(revisions: readonly DocumentRevision[]): string {
  const oldestFirst = [...revisions].reverse()
  const classes = (name: string, which: (revision: DocumentRevision) => boolean): string[] => {
    const names = oldestFirst.filter(which).map(({ revision }) => nodeName(revision))
    return names.length === 0 ? [] : [`class ${names.join(',')} ${name}`]
  }
  const asked = revisions.some(({ applied }) => applied !== null)
  return [
    'flowchart BT',
    ...[
      ...oldestFirst.map(node),
      ...edgesOf(revisions).map(
        ({ from, to, dependency }) => `${nodeName(from)} ${dependency ? '-.->' : '-->'} ${nodeName(to)}`,
      ),
      ...(revisions.some(({ isHead }) => isHead) ? ['classDef head stroke-width:3px'] : []),
      ...(asked ? [appliedStyle, 'classDef pending stroke-dasharray:4 3'] : []),
      ...classes('head', ({ isHead }) => isHead),
      ...classes('applied', ({ applied }) => applied === true),
      ...classes('pending', ({ applied }) => applied === false),
    ].map((line) => `  ${line}`),
    '',
  ].join('\n')
}

const appliedStyle = 'classDef applied fill:#d1fae5,stroke:#059669,color:#064e3b'

function node(revision: DocumentRevision): string {
  const lines = [revision.revision, messageOf(revision), marksOf(revision).join(' ')]
  const text = `"${lines
    .filter((line) => line !== '')
    .map(mermaidLabel)
    .join('<br/>')}"`
  const [open, close] = isBase(revision) ? ['([', '])'] : revision.isMergePoint ? ['{{', '}}'] : ['[', ']']
  return `${nodeName(revision.revision)}${open}${text}${close}`
}

/** A name that is not a keyword, unique for each id. */
function nodeName(id: string): string {
  return `r_${id.replace(/[^0-9A-Za-z]/gu, (character) => `_${character.codePointAt(0)?.toString(16) ?? ''}_`)}`
}
