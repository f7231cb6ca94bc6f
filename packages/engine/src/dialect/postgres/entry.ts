import type { DialectEntry } from '../entry'
import { notUrl } from './connection-string'

export const driverTypes = ['postgres'] as const

/* eslint-disable @typescript-eslint/no-require-imports */
export const entry: DialectEntry = {
  driverTypes,
  schemes: ['postgres', 'postgresql'],
  urlForms: 'postgres://user:password@host:5432/database?sslmode=require',
  fromUrl: (url, cwd, env) => (require('./url') as typeof import('./url')).fromUrl(url, cwd, env),
  notUrl,
  load: () => (require('.') as typeof import('.')).postgres,
}
/* eslint-enable @typescript-eslint/no-require-imports */
