// Tests statements of documents about this repository: paths, links and the order of the engine's folders.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, test } from 'node:test'
import { projectDocuments } from '../docs/run-docs.mjs'
import { engineArrows } from '../eslint/arrows.mjs'
import { projectFiles } from '../lib/files.mjs'
import { root } from '../lib/process.mjs'

const files = projectFiles()
const paths = new Set(files.flatMap((file) => [file, ...foldersOf(file)]))
const architecture = 'docs/architecture.md'

/** Documents for people who work on this repository, in which every text that looks like a path must be one. */
const withRooms = [architecture, 'CONTRIBUTING.md', 'packages/engine/README.md']
const faults = 'packages/engine/test/faults/README.md'
const documents = [...new Set([...projectDocuments(), faults])]

describe('documents', () => {
  for (const document of documents) {
    test(`${document} links only to files and headings that exist`, () => {
      assert.deepEqual(
        linksOf(read(document)).filter((link) => !leadsSomewhere(document, link)),
        [],
      )
    })
  }

  for (const document of [...withRooms, faults]) {
    test(`${document} names only files and folders that exist`, () => {
      assert.deepEqual(
        pathsIn(read(document)).filter((path) => !isThere(path)),
        [],
      )
    })
  }

  for (const document of withRooms) {
    test(`${document} lists the folders of the engine in the order of their layers`, () => {
      const named = roomsIn(read(document))
      const rooms = Object.keys(engineArrows)
      if (document === architecture) assert.deepEqual(named, rooms)
      else assert.deepEqual(named.filter(isFolder), rooms.filter(isFolder))
    })
  }
})

/**
 * The rooms in the first column of a table, which contains nothing else.
 *
 * @param {string} markdown
 */
function roomsIn(markdown) {
  const cells = [...markdown.matchAll(/^\| ((?:`[a-z]+(?:\/|\.ts)`[ ,]*)+)\|/gm)].map((match) => match[1] ?? '')
  return cells.join(' ').match(/[a-z]+(?=\/|\.ts)/g) ?? []
}

/** @param {string} document */
function read(document) {
  return readFileSync(join(root, document), 'utf8')
}

/** @param {string} room */
function isFolder(room) {
  return paths.has(`packages/engine/src/${room}`)
}

/**
 * @param {string} file
 * @returns {string[]}
 */
function foldersOf(file) {
  const folder = posix.dirname(file)
  return folder === '.' ? [] : [folder, ...foldersOf(folder)]
}

/** @param {string} markdown */
function withoutBlocks(markdown) {
  return markdown.replace(/^```(?!mermaid)[^]*?^```$/gm, '')
}

/** @param {string} markdown */
function linksOf(markdown) {
  return [...withoutBlocks(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
}

/**
 * @param {string} document
 * @param {string} link
 */
function leadsSomewhere(document, link) {
  if (/^[a-z]+:/.test(link)) return true
  const [path = '', heading] = link.split('#')
  const target = path === '' ? document : posix.join(dirname(document), path)
  if (!existsSync(join(root, target))) return false
  return heading === undefined || headingsOf(read(target)).has(heading)
}

/**
 * The anchors that GitHub gives to headings.
 *
 * @param {string} markdown
 */
function headingsOf(markdown) {
  const titles = [...withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? '')
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** @param {string} markdown */
function pathsIn(markdown) {
  const text = withoutBlocks(markdown)
  const code = [...text.matchAll(/`([\w*.-]+(?:\/[\w*.-]*)+|[\w*-]+\.(?:ts|mjs|cjs))`/g)].map((match) => match[1] ?? '')
  const drawn = [...text.matchAll(/^```mermaid$[^]*?^```$/gm)].flatMap(
    (picture) => picture[0].match(/[\w/-]+\.ts\b/g) ?? [],
  )
  // What a build makes is not in the repository.
  return [...new Set([...code, ...drawn])].filter((path) => !/^\.cache\/|(?:^|\/)dist\//.test(path))
}

/**
 * Whether a path of the repository ends with this path, or with it and `.test.ts`.
 *
 * @param {string} path
 */
function isThere(path) {
  const end = path.replace(/\/$/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*')
  const pattern = new RegExp(`(?:^|/)${end}(?:\\.test\\.ts)?$`)
  return [...paths].some((one) => pattern.test(one))
}
