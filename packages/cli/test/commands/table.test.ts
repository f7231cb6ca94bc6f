import { commands } from '../../src/commands/table'
import { globalOptions } from '../../src/parser/global-options'
import { parseCommandLine } from '../../src/parser/parse'

test.each(commands.map((entry) => [entry.path.join(' '), entry] as const))(
  '%s takes the arguments that its usage in the command table names',
  async (_, entry) => {
    const { positionals } = await entry.load()
    const words = positionals.map(({ name, required, many }) => {
      const word = many === true ? `${name}..` : name
      return required === true ? `<${word}>` : `[${word}]`
    })
    expect(entry.usage).toBe([entry.path.at(-1), ...words].join(' '))
  },
)

test.each(commands.map((entry) => [entry.path.join(' '), entry] as const))(
  '%s redefines no global option or short option',
  async (_, entry) => {
    const { options } = await entry.load()
    const letters = Object.values({ ...globalOptions, ...options }).flatMap(({ alias }) => alias ?? [])
    expect(Object.keys(options).filter((name) => name in globalOptions)).toEqual([])
    expect(new Set(letters).size).toBe(letters.length)
  },
)

test.each(commands.map((entry) => [entry.path.join(' '), entry] as const))(
  '%s has examples, and each of them parses as this command',
  async (_, entry) => {
    const { examples } = await entry.load()
    expect(examples.length).toBeGreaterThan(0)
    for (const [line] of examples) {
      const words = [...line.replace(/ >>? .*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
        (match) => match[1] ?? match[2] ?? '',
      )
      const parsed = await parseCommandLine(words, '0', 80)
      expect(parsed.kind).toBe('command')
      expect(words.slice(0, entry.path.length)).toEqual(entry.path)
    }
  },
)
