import type { DataSourceOptions } from 'typeorm'

import type { AludelModuleOptions } from '../../src'

/** What the application of the tests does; as JSON, because it is a process of its own. */
export interface Plan {
  /** The databases by the names of their DataSources; that of `default` has no name. */
  readonly databases: Readonly<Record<string, DataSourceOptions>>
  /** The options of each `AludelModule`. */
  readonly modules: readonly AludelModuleOptions[]
  /** How these reach the module. */
  readonly by?: 'forRoot' | 'useFactory' | 'useClass' | 'useExisting' | 'nothing'
  /** TypeORM connects when Aludel does. */
  readonly manual?: boolean
}

/** A line that the application prints. */
export interface Line {
  /** The address, once it listens. */
  readonly listening?: string
  /** What the `onModuleInit` of another module has found in the table `notes`, or the error. */
  readonly init?: string
  /** Why it does not listen. */
  readonly error?: { readonly name: string; readonly code?: string; readonly message: string; readonly help?: string }
  /** A line of the log. */
  readonly level?: string
  readonly context?: string
  readonly text?: string
}

/** To the process that hosts applications: start one, or without a plan, close it. */
export interface ToHost {
  readonly id: number
  readonly plan?: Plan
}

/** From that process. */
export type FromHost = { readonly id: number; readonly line: Line } | { readonly id: number; readonly closed: true }
