/** Formats of `aludel migrate graph`. */
export const graphFormats = ['mermaid', 'dot', 'svg'] as const
/** A format of `aludel migrate graph`. */
export type GraphFormat = (typeof graphFormats)[number]
