import { readFileSync } from 'node:fs'
import path from 'node:path'

import { Migrator, type MigratorOptions, type RunListener } from '@aludel/engine'

import type { CommandContext } from '../command-context'
import { usageError } from '../errors'
import { databaseName, duration } from '../output/format'
import type { Output } from '../output/output'
import { defineCommand } from '../parser/command'
import { flag, list, text } from '../parser/options'
import { openProject } from '../project/migrator'
import { requirePackage } from '../project/packages'
import { reviewSource } from '../project/review-source'

/** The variable with a token, for a server whose link nobody reads. */
const tokenVariable = 'ALUDEL_WEB_TOKEN'

export const command = defineCommand({
  positionals: [],
  options: {
    port: text('PORT', 'listen on this port; 0: any that is free; default 4983'),
    host: text('ADDRESS', 'listen on this address; default 127.0.0.1, which only this machine can reach'),
    'read-only': flag('let nobody change anything through it'),
    'allow-create': flag('let revisions be written through it, for development'),
    'token-file': text('FILE', `take the token from this file, or from ${tokenVariable}; default: a random one`),
    'tls-cert': text('FILE', 'serve HTTPS with this certificate (PEM, with its chain)'),
    'tls-key': text('FILE', 'the key of the certificate (PEM)'),
    'insecure-http': flag('serve other machines without TLS: everybody on the way can read the token'),
    'allow-host': list('NAME', 'also answer to this name, that of a proxy; repeatable'),
  },
  examples: [
    ['web', 'print a link to the page; Ctrl-C ends the server'],
    ['web --read-only --port 8080', 'only to look, on another port'],
    ['web --allow-host aludel.example.com', 'behind a proxy with that name'],
  ],
  async run(args, context) {
    requirePackage('@aludel/web', '`aludel web`', context.cwd)
    const { chosenToken, createServer } = await import('@aludel/web')
    const port = args.port === undefined ? undefined : parsePort(args.port)
    const file = (name: 'token-file' | 'tls-cert' | 'tls-key'): string | undefined => {
      const given = args[name]
      return given === undefined ? undefined : readOption(name, path.resolve(context.cwd, given))
    }
    const [cert, key] = [file('tls-cert'), file('tls-key')]
    if ((cert === undefined) !== (key === undefined))
      throw usageError('--tls-cert and --tls-key belong together', 'Give both.')
    const fromFile = file('token-file')
    const fromEnvironment = context.env[tokenVariable]
    const token =
      fromFile !== undefined
        ? chosenToken(fromFile, '--token-file')
        : fromEnvironment !== undefined && fromEnvironment !== ''
          ? chosenToken(fromEnvironment, tokenVariable)
          : undefined

    const { limits, ...found } = await openProject(context)
    const project: MigratorOptions = { ...found, ...limits, dataSource: () => found.dataSource() }
    const { database } = await readCurrent(project)
    const server = await createServer({
      project,
      ...(port === undefined ? {} : { port }),
      ...(args.host === undefined ? {} : { host: args.host }),
      ...(token === undefined ? {} : { token }),
      ...(cert === undefined || key === undefined ? {} : { tls: { cert, key } }),
      insecureHttp: args['insecure-http'],
      allowHosts: args['allow-host'],
      readOnly: args['read-only'],
      allowCreate: args['allow-create'],
      reviews: await reviewSource(found),
      onEvent: logTo(context.output),
    })
    const address = await server.listen()
    // A token that somebody chose is known to them, and does not belong into a log.
    const url = token === undefined ? `${address}#token=${server.token}` : address
    if (context.output.json) context.output.document({ url })
    else {
      const { bold, dim } = context.output.colors
      context.output.lines(`${databaseName(database.name, context.cwd)} (${database.dialect}): ${bold(url)}`)
      context.output.note(
        dim(token === undefined ? 'Open the link, which contains the token. ' : 'The page asks for the token. ') +
          dim('Ctrl-C ends the server.'),
      )
    }
    // A run at work ends at a safe point, which may take longer than a command that only reads gets.
    context.progress.serves()
    await untilAborted(context.signal)
    await server.close()
    return { json: undefined, human: () => undefined, printed: true }
  },
})

/** One line for each revision that a run has applied or undone, as in a log: a bar would stay when the run has ended. */
function logTo(output: Output): RunListener {
  return (event) => {
    if (event.type === 'stepDone') {
      const { revision, direction } = event.step
      output.progress(`${direction} of ${revision.id} (${revision.message}) in ${duration(event.durationMs)}`)
    } else if (event.type === 'stepFailed') {
      output.warn(event.error instanceof Error ? event.error.message : String(event.error))
    } else if (event.type === 'warning') output.warn(event.message)
  }
}

/** Fails before the server starts, as every other command does, if the database or the files cannot be read. */
async function readCurrent(project: MigratorOptions): Promise<Awaited<ReturnType<Migrator['current']>>> {
  const migrator = new Migrator(project)
  try {
    return await migrator.current()
  } finally {
    await migrator.close()
  }
}

function parsePort(given: string): number {
  const port = /^\d{1,5}$/.test(given) ? Number(given) : NaN
  if (port <= 65_535) return port
  throw usageError(`--port cannot be "${given}"`, 'Write a number up to 65535; 0 takes any port that is free.')
}

function readOption(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a directory',
      EACCES: 'permission denied',
    }
    throw usageError(`--${name}: ${file} cannot be read: ${why[code ?? ''] ?? String(error)}`)
  }
}

function untilAborted(signal: CommandContext['signal']): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
