// What the commands of this repository share in reading their options.

/** @typedef {'sqlite' | 'postgres'} Database */

/**
 * Reads the options of a command. Prints what is wrong with them, or the help that was asked for.
 *
 * @template {{ help: boolean }} Options
 * @param {string[]} args
 * @param {(args: string[]) => Options} read throws an Error that names the wrong option
 * @param {string} help
 * @returns {Options | number} the options, or the exit code of the command: 0 after the help, 2 for wrong usage
 */
export function optionsOr(args, read, help) {
  let options
  try {
    options = read(args)
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    return 2
  }
  if (!options.help) return options
  console.log(help)
  return 0
}

/**
 * @param {string} option
 * @param {string | undefined} name
 * @returns {Database[]} the database of that name; without one, both
 * @throws {Error} for any other name
 */
export function databasesOf(option, name) {
  if (name === undefined) return ['sqlite', 'postgres']
  if (name === 'sqlite' || name === 'postgres') return [name]
  throw new Error(`${option} ${name} is neither sqlite nor postgres`)
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {number} [least]
 * @returns {number | undefined} undefined without a text
 * @throws {Error} unless it is a whole number, and not below `least`
 */
export function wholeNumber(option, text, least = 0) {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text) || Number(text) < least)
    throw new Error(`${option} ${text} is not a whole number${least === 0 ? '' : ` above ${least - 1}`}`)
  return Number(text)
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @returns {number | undefined} undefined without a text
 * @throws {Error} unless it is a number, and not below 0
 */
export function number(option, text) {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new Error(`${option} ${text} is not a number`)
  return value
}
