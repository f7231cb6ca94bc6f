import 'reflect-metadata'
import { initializeDatabase, isAludelError, Migrator, type RunEvent } from '@aludel/engine'
import { revisionsDirectory } from '@aludel/migrations'
import { createApp } from './app.js'
import { address, createDataSource, migrate } from './settings.js'

const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())

const dataSource = createDataSource()
const migrator = new Migrator({ dataSource, revisions: revisionsDirectory })
const app = createApp(dataSource, migrator)

try {
  // Nothing listens before the database is at head. A signal stops a revision after its current statement, and rolls it back.
  const { action, to } = await initializeDatabase({
    ...{ dataSource, revisions: revisionsDirectory, migrate, signal: stopping.signal },
    // Another process may migrate for as long as the startup probe has patience.
    lockTimeoutMs: 30 * 60_000,
    listener: log,
  })
  app.log.info({ action, to }, 'the database is ready')
  await app.listen(address)
  await stopped(stopping.signal)
} catch (error) {
  if (isAludelError(error)) app.log.fatal({ code: error.code, help: error.help }, error.message)
  else app.log.fatal(error)
  process.exitCode = 1
} finally {
  // Requests that are being answered are answered; then nothing is open, and the process ends by itself.
  await app.close()
  await migrator.close()
  if (dataSource.isInitialized) await dataSource.destroy()
}

function log(event: RunEvent): void {
  if (event.type === 'warning') app.log.warn(event.message)
  if (event.type === 'stepDone') app.log.info({ revision: event.step.revision.id, ms: event.durationMs }, 'applied')
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
