/** Where an annotation is, and its first words. */
interface Place {
  readonly file: string
  /** Null: the whole file. */
  readonly line: number | null
  readonly title: string
}

/**
 * An annotation of a pull request, as a line that GitHub reads in the output of a step.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function workflowCommand(
  level: 'error' | 'warning' | 'notice',
  { file, line, title }: Place,
  text: string,
): string {
  const properties = [
    `file=${property(file)}`,
    ...(line === null ? [] : [`line=${String(line)}`]),
    `title=${property(title)}`,
  ]
  return `::${level} ${properties.join(',')}::${data(text)}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
