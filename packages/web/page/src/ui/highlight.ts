import highlighter from 'highlight.js/lib/core'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'

highlighter.registerLanguage('sql', sql)
highlighter.registerLanguage('ts', typescript)

/** A text as HTML, in which everything is escaped and words have classes. */
export function highlight(text: string, language: 'sql' | 'ts'): string {
  return highlighter.highlight(text, { language, ignoreIllegals: true }).value
}
