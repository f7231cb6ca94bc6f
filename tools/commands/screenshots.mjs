import { parseArgs } from 'node:util'
import { setUp } from '../lib/setup.mjs'

const help = `usage: npm run screenshots -- [option …]

Takes the pictures of the page in docs/pictures, in both themes and at two widths, from a real server on a SQLite database. Needs a
Chromium: that of ALUDEL_CHROMIUM, one that is installed, or that of a package. Look at them before you commit them.

  --only TEXT   only pictures whose name contains this: history, dark-phone`

/**
 * `npm run screenshots`: draws what README and docs/web.md show.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 done, 2 wrong usage
 */
export async function main(args) {
  const options = read(args)
  if (typeof options === 'string') {
    console.error(`error: ${options}\n\n${help}`)
    return 2
  }
  if (options.help) {
    console.log(help)
    return 0
  }
  const ready = await setUp({ quiet: true })
  if (ready !== 0) return ready
  // Imported here because it needs the packages that have just been built.
  const { takePictures } = await import('../screenshots/run.mjs')
  return takePictures(options.only === undefined ? {} : { only: options.only })
}

/**
 * @param {string[]} args
 * @returns {{ only?: string | undefined, help: boolean } | string} the options, or an error message
 */
function read(args) {
  try {
    const { values } = parseArgs({
      args,
      options: { only: { type: 'string' }, help: { type: 'boolean', default: false } },
    })
    return values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
