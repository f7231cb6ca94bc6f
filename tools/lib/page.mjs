// Builds the page of the web package with Vite, into dist/page of the package: users get it built.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { filesBelow, hashOf } from './bundle.mjs'
import { root } from './process.mjs'

const folder = join(root, 'packages', 'web')
const built = join(folder, 'dist', 'page')

/** The file that says from what the page was made. */
const stamp = join(folder, 'dist', '.page-inputs')

/** Files that are sent compressed, from this many bytes. */
const compressible = /\.(?:js|css|svg|json|html)$/
const smallest = 1024

/** Builds the page if one of its sources has changed. */
export async function buildPage() {
  const source = join(folder, 'page')
  if (!existsSync(source)) return
  const inputs = hashOf([
    ...filesBelow(source),
    ...filesBelow(join(folder, 'src', 'api')),
    ...readdirSync(folder).flatMap((name) =>
      /^(?:vite\.config\.|package\.json$)/.test(name) ? join(folder, name) : [],
    ),
    join(root, 'package-lock.json'),
    import.meta.filename,
  ])
  if (existsSync(stamp) && existsSync(built) && readFileSync(stamp, 'utf8') === inputs) return
  const { build } = await import('vite')
  rmSync(stamp, { force: true })
  await build({ root: source, configFile: join(folder, 'vite.config.mts'), logLevel: 'warn' })
  compress()
  writeFileSync(stamp, inputs)
}

/** Compresses once what every server would compress for every browser. `index.html` is not: the server fills in its place. */
function compress() {
  for (const file of filesBelow(built)) {
    if (!compressible.test(file) || relative(built, file) === 'index.html') continue
    const content = readFileSync(file)
    if (content.length < smallest) continue
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
    writeFileSync(
      `${file}.br`,
      brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
    )
  }
}
