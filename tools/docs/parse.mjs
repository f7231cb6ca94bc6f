/**
 * A fenced block of a document that is run, or written into a file.
 *
 * @typedef {object} Block
 * @property {number} line of its opening fence, from 1
 * @property {string} language
 * @property {string} text without the fences, ending in a newline
 * @property {Map<string, string>} directives from the `docs:` comments before it; see `directiveNames`
 */

/**
 * @typedef {object} Document
 * @property {'repository' | 'empty'} workspace where its blocks run
 * @property {Block[]} blocks in order
 */

/**
 * One command of a block.
 *
 * @typedef {object} Command
 * @property {number} line
 * @property {string} text
 * @property {string[] | undefined} output the lines that are shown below it; `undefined` in a block that shows none
 */

const directiveNames = ['file', 'append', 'patch', 'edit-revision', 'exit', 'skip', 'postgres']
const shells = ['sh', 'bash', 'console']
/** Matches a line in which only quotes around words, and a comment, have a meaning to a shell. */
const plainAludelCommand = /^npx aludel(?: +(?:[\w./:=@,+-]+|'[^']*'|"[^"$`\\!]*"))*(?: +#.*)?$/
const wordOrComment = /([\w./:=@,+-]+)|'([^']*)'|"([^"]*)"|#.*/g

/**
 * Finds the blocks of a Markdown document that are run.
 *
 * @param {string} markdown
 * @returns {Document}
 * @throws {Error} naming the line of a directive that is misspelled or belongs to no block
 */
export function parseDocument(markdown) {
  /** @type {Document} */
  const document = { workspace: 'repository', blocks: [] }
  const lines = markdown.split('\n')
  let directives = new Map()
  let directivesLine = 0

  for (let index = 0; index < lines.length; index++) {
    const line = String(lines[index])
    const comment = /^\s*<!--\s*docs:\s*(.*?)\s*-->\s*$/.exec(line)
    const fence = /^(\s*)(`{3,}|~{3,})\s*(\S*)/.exec(line)
    if (comment) {
      const [name, value] = directive(String(comment[1]), index + 1)
      if (name === 'workspace') document.workspace = workspace(value, index + 1)
      else directives.set(name, value)
      directivesLine = index + 1
    } else if (fence) {
      const [, indent = '', mark = '', language = ''] = fence
      const end = lines.findIndex((later, at) => at > index && later.trim().startsWith(mark) && later.trim() === mark)
      if (end < 0) throw new Error(`line ${index + 1}: the block has no end`)
      const text = lines.slice(index + 1, end).map((inside) => inside.replace(indent, '') + '\n')
      const block = { line: index + 1, language, text: text.join(''), directives }
      if (directives.size > 0 || shells.includes(language)) document.blocks.push(block)
      directives = new Map()
      index = end
    } else if (line.trim() !== '' && directives.size > 0) {
      throw new Error(`line ${directivesLine}: a docs directive must stand right before a block`)
    }
  }
  if (directives.size > 0) throw new Error(`line ${directivesLine}: a docs directive must stand right before a block`)
  return document
}

/**
 * @param {string} text
 * @param {number} line
 * @returns {[name: string, value: string]}
 */
function directive(text, line) {
  const [, name = '', value = ''] = /^([a-z-]+)(?:[=\s]\s*(.*))?$/.exec(text) ?? []
  if (name === 'workspace' || directiveNames.includes(name)) {
    if (name === 'skip' && value === '') throw new Error(`line ${line}: skip needs a reason`)
    return [name, value]
  }
  throw new Error(`line ${line}: unknown docs directive '${text}'`)
}

/**
 * @param {string} value
 * @param {number} line
 */
function workspace(value, line) {
  if (value === 'repository' || value === 'empty') return value
  throw new Error(`line ${line}: workspace is 'repository' or 'empty', not '${value}'`)
}

/**
 * The commands of a block. A `console` block contains commands after `$ ` and their output; any other block is one script
 * without output.
 *
 * @param {Block} block
 * @returns {Command[]}
 */
export function commandsOf(block) {
  if (block.language !== 'console') return [{ line: block.line + 1, text: block.text, output: undefined }]
  /** @type {Command[]} */
  const commands = []
  let continued = false
  block.text.split('\n').forEach((text, index) => {
    const current = commands.at(-1)
    if (text.startsWith('$ ')) commands.push({ line: block.line + 1 + index, text: text.slice(2), output: undefined })
    else if (current && continued) current.text += '\n' + text.replace(/^> /, '')
    else if (current && text.trim() !== '') current.output = [...(current.output ?? []), text]
    else if (text.trim() !== '') throw new Error(`line ${block.line + 1 + index}: output before any '$ command'`)
    continued = text.endsWith('\\') && (text.startsWith('$ ') || continued)
  })
  return commands
}

/**
 * The command lines of `aludel` in a script that contains nothing else. Running them without a shell makes no difference.
 *
 * @param {string} script
 * @returns {string[][] | undefined} the arguments of each
 */
export function aludelCommandsOf(script) {
  const lines = script.split('\n').map((line) => line.trim())
  const commands = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (commands.length === 0 || !commands.every((line) => plainAludelCommand.test(line))) return undefined
  return commands.map((line) =>
    [...line.matchAll(wordOrComment)]
      .filter(([text]) => !text.startsWith('#'))
      .map(([, bare, single, double]) => bare ?? single ?? double ?? '')
      .slice(2),
  )
}

/**
 * Checks that a command printed all lines that its document shows, in order. `…` matches anything within a line, and alone on a
 * line any number of lines (which are allowed between any two shown lines anyway).
 *
 * @param {string[]} shown
 * @param {string} printed
 * @returns {string | undefined} the first line that was not printed
 */
export function missingLine(shown, printed) {
  const lines = printed.split('\n')
  let from = 0
  for (const expected of shown) {
    if (expected.trim() === '…') continue
    const parts = expected
      .trim()
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    const pattern = new RegExp(`^\\s*${parts.join('.*')}\\s*$`)
    const at = lines.findIndex((line, index) => index >= from && pattern.test(line))
    if (at < 0) return expected
    from = at + 1
  }
  return undefined
}
