import type * as oxc from 'oxc-parser' with { 'resolution-mode': 'import' }

type Parsed = Pick<oxc.ParseResult, 'program' | 'comments' | 'errors'>

/**
 * The syntax tree of a revision file. A name such as `.mts` says which module system it is of; otherwise its own imports
 * and exports do.
 *
 * @param parser `oxc-parser`
 * @param file its name says which language it is
 */
export function parseSource(parser: typeof oxc, file: string, text: string): Parsed {
  return parser.parseSync(file, text, /\.[cm][jt]s$/.test(file) ? {} : { sourceType: 'unambiguous' })
}

/** The first error that keeps the file from being read; undefined: it can be. */
export function errorIn({ errors }: Parsed): oxc.OxcError | undefined {
  return errors.find(({ severity }) => (severity as string) === 'Error')
}
