// Every command block of the documents, run as a reader would type it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseDocument } from '../docs/parse.mjs'
import { projectDocuments, Reader } from '../docs/run-docs.mjs'
import { root } from '../lib/process.mjs'

for (const file of projectDocuments()) {
  const markdown = readFileSync(join(root, file), 'utf8')
  const blocks = blocksOf(file, markdown)
  if (blocks.length === 0) continue

  describe(file, () => {
    /** @type {Reader | undefined} */
    let reader
    /** @type {number | undefined} */
    let failedAt
    before(() => {
      reader = new Reader(file, markdown)
    })
    after(() => reader?.close())

    for (const [index, block] of blocks.entries()) {
      test(`runs the block at line ${block.line}`, { skip: block.directives.get('skip') ?? false }, async () => {
        // Blocks after a failed one would fail because of it, and report nothing new.
        if (failedAt !== undefined) throw new Error(`not run: the block at line ${failedAt} failed`)
        failedAt = block.line
        const own = reader?.blocks[index]
        assert(own)
        await reader?.run(own)
        failedAt = undefined
      })
    }
  })
}

/**
 * @param {string} file
 * @param {string} markdown
 */
function blocksOf(file, markdown) {
  try {
    return parseDocument(markdown).blocks
  } catch (error) {
    test(`parses the document ${file}`, () => {
      throw error
    })
    return []
  }
}
