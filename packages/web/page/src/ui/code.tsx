import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { copy } from './copy'
import type { highlight } from './highlight'
import { Button } from './parts'

/** Loaded with the first code that is shown: colors alone come with it, and nothing moves. */
const colors = signal<typeof highlight | undefined>(undefined)

/** A file of more characters is shown without colors, which would take longer than a frame. */
const mostColored = 150_000

/** A text of a program, as written. */
export function Code({ text, language, label }: { text: string; language: 'sql' | 'ts'; label: string }) {
  useEffect(() => {
    if (colors.value === undefined) void import('./highlight').then((it) => (colors.value = it.highlight))
  }, [])
  const paint = colors.value
  const html = useMemo(
    () => (paint === undefined || text.length > mostColored ? undefined : paint(text, language)),
    [paint, text, language],
  )
  return (
    <div class="code">
      <pre tabIndex={0} role="region" aria-label={label}>
        {html === undefined ? <code>{text}</code> : <code dangerouslySetInnerHTML={{ __html: html }} />}
      </pre>
      <div class="code__copy">
        <Button kind="quiet" size="small" icon="copy" label={`Copy ${label}`} onClick={() => void copy(text, label)} />
      </div>
    </div>
  )
}

/** Statements, each ended by a semicolon, with an empty line between those of several lines. */
export function sqlText(statements: readonly string[]): string {
  const ended = statements.map((statement) => (/;\s*$/.test(statement) ? statement : `${statement};`))
  return ended.join(ended.some((statement) => statement.includes('\n')) ? '\n\n' : '\n')
}
