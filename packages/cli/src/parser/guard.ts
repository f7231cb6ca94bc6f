/**
 * `-1`, `-2:head` and `-3:current` are revisions, not options: no option of ours begins with a digit.
 * The parser of the command line would take them for flags, so they pass through it with a mark in front
 * that no argument of a process can hold.
 */
const mark = '\0'

/**
 * Marks every argument that looks like a relative revision, and whatever follows `--`: words all of them,
 * even where they begin with a dash.
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

/** Takes the mark off again. */
export function unprotectRelative(text: string): string {
  return text.replaceAll(mark, '')
}
