/** Options as data, from which the parser, the help, the completion and the types of the values are derived. */
interface Described {
  readonly describe: string
  /** One letter. */
  readonly alias?: string
}

/** On or off: `--json`. */
export interface Flag extends Described {
  readonly kind: 'flag'
}

/** One value: `--config FILE`. */
export interface Text extends Described {
  readonly kind: 'text'
  /** The placeholder of the value in the help, for example `FILE`. */
  readonly value: string
  /** The allowed values. */
  readonly choices?: readonly string[]
}

/** A value that may be given several times: `--revisions DIR --revisions DIR`. */
export interface List extends Described {
  readonly kind: 'list'
  readonly value: string
}

export type Option = Flag | Text | List
export type Options = Readonly<Record<string, Option>>

export function flag(describe: string, alias?: string): Flag {
  return { kind: 'flag', describe, alias }
}

export function text(value: string, describe: string, alias?: string): Text {
  return { kind: 'text', value, describe, alias }
}

export function list(value: string, describe: string, alias?: string): List {
  return { kind: 'list', value, describe, alias }
}

/** A {@link Text} with a fixed set of values. */
export function choice<const C extends string>(
  choices: readonly C[],
  describe: string,
): Text & { readonly choices: readonly C[] } {
  return { kind: 'text', value: choices.join('|'), choices, describe }
}

type ValueOf<O extends Option> = O extends Flag
  ? boolean
  : O extends List
    ? readonly string[]
    : O extends { readonly choices: readonly (infer C)[] }
      ? C | undefined
      : string | undefined

/** The values of a set of options. If not given, flags are false, lists empty and texts undefined. */
export type Values<O extends Options> = { readonly [K in keyof O]: ValueOf<O[K]> }
