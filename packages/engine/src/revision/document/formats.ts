/** Formats of `aludel migrate graph`. */
export const graphFormats = ['mermaid', 'dot', 'svg'] as const
export type GraphFormat = (typeof graphFormats)[number]
