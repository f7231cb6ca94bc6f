import type { FileEffects } from '../files/recorded-effects'
import { type Effects, type EffectsReader, sumOfEffects } from '../sql/effects'

export const noEffects: Effects = { does: [], destroys: [], locks: [], rewrites: [], unknown: [] }

/** The statements of a revision in one direction; null with the reason where they are known only when it runs. */
interface WrittenPart {
  readonly statements: readonly string[] | null
  readonly unread?: string
  /** The effects that the tool wrote into the file; absent if the statements were edited since. */
  readonly recorded?: FileEffects
}

/**
 * What the statements of a revision do: read from them, and better known where the tool has written it into the file.
 *
 * @param reader absent if only what the file declares is asked for
 */
export function effectsOfPart({ statements, unread = '', recorded }: WrittenPart, reader?: EffectsReader): Effects {
  if (statements === null) return unreadEffects(unread)
  const read = reader === undefined ? noEffects : sumOfEffects(reader, statements)
  return recorded === undefined ? read : { ...read, unknown: [], ...recorded }
}

function unreadEffects(reason: string): Effects {
  const unknown = `its statements are known only when it runs (${reason})`
  return {
    does: ['run code'],
    destroys: [{ text: `whatever it does: ${unknown}` }],
    locks: [],
    rewrites: [],
    unknown: [unknown],
  }
}
