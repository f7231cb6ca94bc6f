/**
 * A Chromium for tests and pictures: that of ALUDEL_CHROMIUM, one that is installed, or the one in the package `@sparticuz/chromium`,
 * which is unpacked into `.cache` once, with the few libraries that a bare Linux lacks.
 */
const { execFileSync } = require('node:child_process')
const { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs')
const { delimiter, dirname, join } = require('node:path')
const process = require('node:process')
const { brotliDecompressSync } = require('node:zlib')

const root = join(__dirname, '..', '..')
const cache = join(root, '.cache', 'chromium')

const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const applications = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** @returns {import('./chromium.cjs').Chromium | import('./chromium.cjs').NoChromium} */
function findChromium() {
  const chosen = process.env['ALUDEL_CHROMIUM']
  if (chosen !== undefined && chosen !== '') {
    return existsSync(chosen) ? chromium(chosen) : { missing: `ALUDEL_CHROMIUM is ${chosen}, which does not exist` }
  }
  const installed = [...onPath(commands), ...applications].find((path) => existsSync(path))
  if (installed !== undefined) return chromium(installed)
  if (process.platform === 'linux' && process.arch === 'x64') return unpacked()
  return {
    missing: `no Chromium is installed, and there is no package of one for ${process.platform} on ${process.arch}`,
  }
}

/** @param {import('playwright-core').LaunchOptions} [options] */
async function launchChromium(options = {}) {
  const found = findChromium()
  if ('missing' in found) throw new Error(`${found.missing}: install Chromium, or set ALUDEL_CHROMIUM to its path`)
  const { chromium: browsers } = require('playwright-core')
  return browsers.launch({
    executablePath: found.path,
    env: { ...process.env, ...found.env },
    // Pages of this repository alone are opened. Containers lack what the sandbox needs; letters stand where other systems put them.
    args: ['--no-sandbox', '--font-render-hinting=none'],
    ...options,
  })
}

/**
 * @param {string} path
 * @param {Record<string, string>} [env]
 */
function chromium(path, env = {}) {
  return { path, env: { ...env, ...(process.platform === 'linux' ? { FONTCONFIG_FILE: fonts() } : {}) } }
}

/** @param {readonly string[]} names */
function onPath(names) {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name)))
}

function unpacked() {
  const source = join(root, 'node_modules', '@sparticuz', 'chromium')
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  const folder = join(cache, version)
  if (!existsSync(folder)) unpack(join(source, 'bin'), folder)
  const path = join(folder, 'chromium')
  return chromium(path, lacksLibraries(path) ? { LD_LIBRARY_PATH: join(folder, 'lib') } : {})
}

/**
 * @param {string} source
 * @param {string} folder
 */
function unpack(source, folder) {
  // Under a name of its own first: another worker may be doing the same.
  const own = `${folder}.${process.pid}`
  mkdirSync(own, { recursive: true })
  const content = (/** @type {string} */ name) => brotliDecompressSync(readFileSync(join(source, name)))
  writeFileSync(join(own, 'chromium'), content('chromium.br'), { mode: 0o755 })
  // A renderer without a graphics card, and the libraries of the system in `lib`.
  for (const name of ['swiftshader.tar.br', 'al2023.tar.br']) {
    execFileSync('tar', ['-x', '-C', own], { input: content(name) })
  }
  try {
    renameSync(own, folder)
  } catch (error) {
    rmSync(own, { recursive: true })
    if (!existsSync(folder)) throw error
  }
}

/** @param {string} path */
function lacksLibraries(path) {
  try {
    return execFileSync('ldd', [path], { encoding: 'utf8' }).includes('not found')
  } catch {
    return true
  }
}

/** The fonts that the page is shown with: the same on every machine, also on one without any. */
function fonts() {
  const file = join(cache, 'fonts.conf')
  const folders = ['inter', 'jetbrains-mono'].map((name) => join(root, 'node_modules', '@expo-google-fonts', name))
  const alias = (/** @type {string} */ family, /** @type {string} */ font) =>
    `<alias binding="strong"><family>${family}</family><prefer><family>${font}</family></prefer></alias>`
  const text = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${[...folders, '/usr/share/fonts'].map((folder) => `<dir>${folder}</dir>`).join('\n')}
<cachedir>${join(cache, 'fonts')}</cachedir>
${alias('system-ui', 'Inter')}
${alias('sans-serif', 'Inter')}
${alias('monospace', 'JetBrains Mono')}
</fontconfig>
`
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.${process.pid}`, text)
    renameSync(`${file}.${process.pid}`, file)
  }
  return file
}

module.exports = { findChromium, launchChromium }
