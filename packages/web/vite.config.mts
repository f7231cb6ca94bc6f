import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vite'
import type { Plugin } from 'vite'

/** The first versions with `light-dark()`, which both themes are written with. */
const browsers = ['chrome123', 'edge123', 'firefox120', 'safari17.5']

/**
 * Builds the page to `dist/page`: files with a hash in their names, and no inline script or style, so that the server can forbid
 * both (`script-src 'self'; style-src 'self'`).
 *
 * Paths in `index.html` are relative (`./assets/…`); the server puts there the prefix under which it serves the page, and writes it
 * into `<meta name="aludel-base">`.
 */
export default defineConfig({
  root: join(import.meta.dirname, 'page'),
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, 'dist/page'),
    emptyOutDir: true,
    target: browsers,
    cssTarget: browsers,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  plugins: [earlyScript(join(import.meta.dirname, 'page/src/shell/early.js')), licenses()],
})

/**
 * Adds a classic script to the head, which runs before the first paint. A module would run after it, and a chosen theme would
 * flash the other one.
 */
function earlyScript(path: string): Plugin {
  return {
    name: 'early-script',
    apply: 'build',
    buildStart() {
      this.addWatchFile(path)
      this.emitFile({ type: 'asset', name: 'early.js', source: readFileSync(path, 'utf8') })
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const file = Object.values(bundle).find((it) => it.type === 'asset' && it.names.includes('early.js'))
        if (file === undefined) throw new Error('the early script was not emitted')
        return [{ tag: 'script', attrs: { src: `./${file.fileName}` }, injectTo: 'head' }]
      },
    },
  }
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
}

/** Adds the licenses of the packages whose code the page contains: most of them ask for it. */
function licenses(): Plugin {
  return {
    name: 'licenses',
    apply: 'build',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []))
      const folders = new Set(
        modules.flatMap((id) => /^[^\0].*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(id) ?? []),
      )
      const texts = [...folders].flatMap((folder) => {
        const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
        const file = licenseFile(folder)
        if (file !== undefined) return `${manifest.name} ${manifest.version}\n\n${readFileSync(file, 'utf8').trim()}\n`
        // Public domain, with no notice to keep.
        if (manifest.license === 'Unlicense') return []
        throw new Error(`${manifest.name} has no license file, which a page with its code needs`)
      })
      this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: texts.sort().join('\n---\n\n') })
    },
  }
}

/** The license file of a package, or of the package that it is a folder of (`preact/hooks`). */
function licenseFile(folder: string): string | undefined {
  const name = readdirSync(folder).find((it) => /^license/i.test(it))
  if (name !== undefined) return join(folder, name)
  const parent = dirname(folder)
  return parent.endsWith('node_modules') ? undefined : licenseFile(parent)
}
