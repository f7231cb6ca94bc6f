/**
 * `-1`, `-2:head` and `-3:current` are revisions, not options: no option starts with a digit. yargs would parse them as
 * flags, so they are passed to it with a prefix that no argument of a process can contain.
 */
const mark = '\0'

/**
 * Marks every argument that looks like a relative revision, and all arguments after `--`, which are not options even if
 * they start with a dash.
 */
export function protectRelative(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  const options = end === -1 ? argv : argv.slice(0, end)
  const words = end === -1 ? [] : argv.slice(end + 1)
  return [
    ...options.map((argument) => (/^-\d/.test(argument) ? mark + argument : argument)),
    ...words.map((word) => mark + word),
  ]
}

/** Removes the mark. */
export function unprotectRelative(text: string): string {
  return text.replaceAll(mark, '')
}
