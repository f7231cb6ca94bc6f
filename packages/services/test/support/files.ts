import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const fixtures = join(__dirname, '../fixtures/reviews')

const folders: string[] = []

/** Creates a directory with these files. */
export async function directoryOf(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aludel-reviews-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

/** Removes all directories that `directoryOf` created. */
export async function removeDirectories(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
}

/** A valid entry of a review file. */
export const entry = {
  original_decision: 'Mitigate',
  final_decision: 'Accept',
  reviewer: 'Ana Duarte',
  justification: 'Freshness counter in place.',
  additional_notes: 'n/a',
  review_date: '2025-04-20',
  evidence_references: ['EV-001'],
  status: 'in_progress',
}
