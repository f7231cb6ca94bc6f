/** A step: one revision in one direction. Identifies where something was made. */
export type Place = `${string}:${'upgrade' | 'downgrade'}`

/** In a downgrade at `here`: made by the upgrade of the same revision, which this undoes. */
export function undoes(here: Place, made: Place | undefined): boolean {
  const revision = here.slice(0, here.lastIndexOf(':'))
  return here.endsWith(':downgrade') && made === `${revision}:upgrade`
}
