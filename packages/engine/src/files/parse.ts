import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }

export type Parsed = Pick<oxc.ParseResult, 'program' | 'comments' | 'errors'>

/**
 * The syntax tree of a revision file. An extension such as `.mts` decides the module system; otherwise the file's imports
 * and exports do.
 *
 * @param parser `oxc-parser`
 * @param file its extension decides the language
 */
export function parseSource(parser: typeof oxc, file: string, text: string): Parsed {
  return parser.parseSync(file, text, /\.[cm][jt]s$/.test(file) ? {} : { sourceType: 'unambiguous' })
}

/** The first syntax error; undefined if there is none. */
export function errorIn({ errors }: Parsed): oxc.OxcError | undefined {
  return errors.find(({ severity }) => (severity as string) === 'Error')
}
