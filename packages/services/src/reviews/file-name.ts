import process from 'node:process'

/** What follows the analysis in the name of a review file. */
export const suffix = '_reviews.json'

/** Bytes of a name that file systems allow. */
const longestName = 255

/**
 * The name of the file of an analysis, or why there is none. An id is any text, and the import takes it from the name as it is: a name
 * that would be in another directory, or that a file system does not take, must not be changed to another one.
 *
 * @example
 * fileNameOf('gateway-v2') // { name: 'gateway-v2_reviews.json' }
 * fileNameOf('../gateway') // { reason: 'its id contains "/", which …' }
 */
export function fileNameOf(
  analysisId: string,
  platform: string = process.platform,
): { readonly name: string; readonly reason?: undefined } | { readonly name?: undefined; readonly reason: string } {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const forbidden = platform === 'win32' ? /[\u0000-\u001f\u007f/\\<>:"|?*]/ : /[\u0000-\u001f\u007f/]/
  const [found] = forbidden.exec(analysisId) ?? []
  if (found !== undefined)
    return { reason: `its id contains ${JSON.stringify(found)}, which the name of a file cannot contain` }
  const name = `${analysisId}${suffix}`
  const bytes = Buffer.byteLength(name)
  if (bytes > longestName)
    return { reason: `the name of its file would have ${bytes} bytes, and file systems allow ${longestName}` }
  return { name }
}
