import path from 'node:path'
import type { DataSource } from 'typeorm'

import type { AuditFilter } from '../../audit/audit-log-service'
import { Interrupted } from '../../errors'
import { bytesText, type DataCommand, type DataCommandContext, type DataReport, grouped, plural } from '../command'
import { textOf, timeOf } from '../values'

/** Characters that are written at once. */
const chunkLength = 65_536

export const command: DataCommand = {
  positionals: [],
  options: {
    output: { kind: 'text', value: 'FILE', describe: 'a file instead of standard output; only you may read it' },
    recommendation: { kind: 'text', value: 'ID', describe: 'only entries about this recommendation' },
    action: {
      kind: 'text',
      value: 'NAME',
      describe: 'only this action: propose, edit, approve, reject, apply, delete …',
    },
    actor: { kind: 'text', value: 'NAME', describe: 'only what this person or agent did' },
    from: { kind: 'text', value: 'DATE', describe: 'not before: 2026-03-29, 2026-03-29T12:00:00Z' },
    to: { kind: 'text', value: 'DATE', describe: 'before' },
  },
  examples: [
    ['audit export > audit.jsonl', 'every entry, oldest first, as a line of JSON'],
    ['audit export --output audit.jsonl --from 2026-01-01', 'into a file that appears when it is complete'],
    ['audit export --action approve --actor "Ana Duarte"', 'what one person has approved'],
  ],
  async run(values, context) {
    const filter = filterOf(values)
    const output = textOf(values['output'])
    return context.withDataSource(
      (dataSource) =>
        output === undefined
          ? toStandardOutput(dataSource, filter, context)
          : toFile(dataSource, filter, path.resolve(context.cwd, output), context),
      ['AuditLog', 'Recommendation'],
    )
  },
}

function filterOf(values: Readonly<Record<string, unknown>>): AuditFilter {
  const given = {
    recommendationId: textOf(values['recommendation']),
    action: textOf(values['action']),
    actor: textOf(values['actor']),
    from: timeOf('from', values['from']),
    to: timeOf('to', values['to']),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

async function toFile(
  dataSource: DataSource,
  filter: AuditFilter,
  file: string,
  context: DataCommandContext,
): Promise<DataReport> {
  const { AuditLogService } = await import('../../audit/audit-log-service.js')
  const { writeLines } = await import('../../audit/export-file.js')
  const audit = new AuditLogService(dataSource)
  const total = await audit.count(filter)
  context.stopsItself()
  const written = await writeLines(audit.export(filter), file, {
    signal: context.signal,
    onProgress: (done) => context.progress(done, total, path.basename(file), `${grouped(done)}/${grouped(total)}`),
  })
  if (written === null) throw stopped('The file was not changed.')
  const { lines: entries, ...rest } = written
  return {
    json: { entries, ...rest },
    human: (out) => out.note(`Wrote ${plural(entries, 'entry', 'entries')} to ${file} (${bytesText(rest.bytes)}).`),
  }
}

async function toStandardOutput(
  dataSource: DataSource,
  filter: AuditFilter,
  context: DataCommandContext,
): Promise<DataReport> {
  const { AuditLogService } = await import('../../audit/audit-log-service.js')
  // With --json it is one document, which is not kept in memory either.
  const { wantsJson } = context
  let [entries, chunk] = [0, wantsJson ? '{"entries":[\n' : '']
  for await (const line of new AuditLogService(dataSource).export(filter)) {
    if (context.signal.aborted) throw stopped('What was written so far is not all.')
    chunk += wantsJson && entries > 0 ? `,${line}` : line
    entries += 1
    if (chunk.length < chunkLength) continue
    // A reader that has seen enough, such as head.
    if (!(await context.write(chunk))) break
    chunk = ''
  }
  await context.write(wantsJson ? `${chunk}]}\n` : chunk)
  return { json: {}, printed: true, human: () => undefined }
}

function stopped(help: string): Interrupted {
  return new Interrupted('the export was stopped', help, {})
}
