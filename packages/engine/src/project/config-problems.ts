import * as v from 'valibot'

import { AludelError } from '../errors'
import { nearest } from '../revision/names'
import { configKeys, configSchema } from './config-schema'

/** A wrong value or an unknown key of a configuration. */
interface Problem {
  /** `revisions[1]`, `shadow.postgres` */
  readonly key: string
  /** `tableLockTimeoutMs is "5s"; expected a whole number of milliseconds` */
  readonly message: string
  readonly help?: string
}

/**
 * Validates the content of a configuration file.
 *
 * @throws AludelError `ALUDEL_CONFIG` names the file, and every wrong key with its value and what is expected; values that
 *   may contain a password are described, not quoted
 */
export function checkConfig(file: string, value: object): void {
  const result = v.safeParse(configSchema, value, { abortPipeEarly: true })
  if (result.success) return
  const [first, ...others] = result.issues.flatMap((issue) => problemsIn(issue))
  if (first === undefined) return
  const also = others.map(({ message }) => `Also: ${message}.`)
  const help = [...(first.help === undefined ? [] : [first.help]), ...also].join('\n')
  throw new AludelError('ALUDEL_CONFIG', `${file}: ${first.message}`, {
    help: help === '' ? 'The keys and their values: config.schema.json of @aludel/engine.' : help,
    details: { path: file, keys: [first, ...others].map(({ key }) => key) },
  })
}

type Issue = v.BaseIssue<unknown>

function problemsIn(issue: Issue, parent: readonly unknown[] = []): readonly Problem[] {
  const path = [...parent, ...(issue.path ?? []).map(({ key }) => key)]
  // An issue of a union has those of its members; one that lies deeper is about an item of the list that was meant.
  const deeper = (issue.issues ?? []).filter((inner) => inner.path !== undefined)
  if (deeper.length > 0) return deeper.flatMap((inner) => problemsIn(inner, path))
  const key = keyOf(path)
  if (issue.type === 'strict_object' && issue.expected === 'never') return [unknownKey(key, path)]
  return [{ key, message: `${key} is ${describe(issue.input, path[0] === 'shadow')}; expected ${issue.message}` }]
}

/** Keys of the objects in a configuration. */
const innerKeys: Readonly<Record<string, readonly string[]>> = {
  shadow: ['postgres'],
  backup: ['directory', 'tools', 'keep', 'when'],
  'backup.keep': ['count', 'age'],
}

function unknownKey(key: string, path: readonly unknown[]): Problem {
  const known = path.length === 1 ? configKeys : (innerKeys[keyOf(path.slice(0, -1))] ?? [])
  const [near] = nearest(String(path.at(-1)), known, 1)
  const prefix = path.length === 1 ? '' : `${keyOf(path.slice(0, -1))}.`
  return {
    key,
    message: `unknown key: ${key}`,
    help: `${near === undefined ? '' : `The nearest known key is ${prefix}${near}. `}Known keys: ${known.map((one) => prefix + one).join(', ')}.`,
  }
}

function keyOf(path: readonly unknown[]): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${String(part)}]`
    return key === '' ? String(part) : `${key}.${String(part)}`
  }, '')
}

/** A value in few words. `secret`: it may be a URL with a password. */
function describe(value: unknown, secret: boolean): string {
  switch (typeof value) {
    case 'string':
      if (value !== '' && (secret || value.includes('://'))) return 'a string'
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
      return describeObject(value)
    case 'function':
      return 'a function'
    case 'bigint':
      return `${String(value)}n`
    default:
      return String(value)
  }
}

function describeObject(value: object): string {
  const type = (Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: string } } | null)
    ?.constructor
  if (type?.name === undefined || type.name === 'Object') {
    return Object.keys(value).length === 0 ? 'an empty object' : 'an object'
  }
  return `an object of the class ${type.name}`
}
