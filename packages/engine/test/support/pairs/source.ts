import { inspect } from 'node:util'

import * as typeorm from 'typeorm'

/** A class with decorators, as data that can be created and printed. */
export interface ClassModel {
  readonly name: string
  readonly decorators: readonly Decorator[]
  readonly properties: readonly { readonly name: string; readonly decorators: readonly Decorator[] }[]
}

export interface Decorator {
  readonly name: string
  readonly args: readonly Argument[]
}

export type Argument =
  string | number | boolean | Sql | readonly Argument[] | { readonly [key: string]: Argument | undefined }

/** SQL that TypeORM uses unchanged: `() => 'now()'`. */
export class Sql {
  constructor(readonly text: string) {}
}

export function sql(text: string): Sql {
  return new Sql(text)
}

/** The source of the entities, as a developer would write it. */
export function printClasses(classes: readonly ClassModel[]): string {
  return classes
    .map(({ name, decorators, properties }) => {
      const body = properties.map(
        (property) => `${property.decorators.map((item) => `  ${printDecorator(item)}`).join('\n')} ${property.name}`,
      )
      return [...decorators.map(printDecorator), `class ${name} {`, ...body, '}'].join('\n')
    })
    .join('\n\n')
}

function printDecorator({ name, args }: Decorator): string {
  return `@${name}(${args.map(printArgument).join(', ')})`
}

function printArgument(value: Argument | undefined): string {
  if (value instanceof Sql) return `() => ${inspect(value.text)}`
  if (Array.isArray(value)) return `[${value.map(printArgument).join(', ')}]`
  if (typeof value !== 'object') return inspect(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return entries.length === 0
    ? '{}'
    : `{ ${entries.map(([key, item]) => `${key}: ${printArgument(item)}`).join(', ')} }`
}

type AnyDecorator = (...args: unknown[]) => (target: object, property?: string) => void

/**
 * Creates the classes. TypeORM keeps the metadata of all decorators in one list of the process: empty it with
 * {@link forgetClasses}, or TypeORM searches all earlier classes for each new one.
 */
export function makeClasses(classes: readonly ClassModel[]): (new () => object)[] {
  const decoratorOf = (name: string): AnyDecorator => {
    const decorator = (typeorm as unknown as Record<string, AnyDecorator | undefined>)[name]
    if (decorator === undefined) throw new Error(`TypeORM has no decorator ${name}`)
    return decorator
  }
  return classes.map(({ name, decorators, properties }) => {
    const made = { [name]: class {} }[name] as new () => object
    for (const property of properties) {
      for (const item of property.decorators)
        decoratorOf(item.name)(...item.args.map(valueOf))(made.prototype as object, property.name)
    }
    for (const item of decorators) decoratorOf(item.name)(...item.args.map(valueOf))(made)
    return made
  })
}

/** Deletes the metadata of all decorated classes from TypeORM. Call it when no DataSource will be created for them. */
export function forgetClasses(): void {
  for (const list of Object.values(typeorm.getMetadataArgsStorage())) if (Array.isArray(list)) list.length = 0
}

function valueOf(value: Argument | undefined): unknown {
  if (value instanceof Sql) return () => value.text
  if (Array.isArray(value)) return value.map((item: Argument) => valueOf(item))
  if (typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, valueOf(item)]])),
  )
}
