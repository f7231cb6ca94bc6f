import { Gate } from '../../src/project/gate'
import { Known } from '../../src/project/known'

/** Work that ends when it is told to. */
function work(name: string, log: string[]) {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  return {
    run: async () => {
      log.push(`+${name}`)
      await ended
      log.push(`-${name}`)
    },
    end,
  }
}
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('readers are together up to a number, and whoever must be alone is', async () => {
  const log: string[] = []
  const gate = new Gate(2)
  const [a, b, c, alone, d] = ['a', 'b', 'c', 'alone', 'd'].map((name) => work(name, log))
  const all = [
    gate.shared(a!.run),
    gate.shared(b!.run),
    gate.shared(c!.run),
    gate.alone(alone!.run),
    gate.shared(d!.run),
  ]
  await turns()
  expect(log).toEqual(['+a', '+b'])
  a!.end()
  await turns()
  expect(log).toEqual(['+a', '+b', '-a', '+c'])
  // d came after the one that must be alone, and waits although there is room.
  b!.end()
  await turns()
  c!.end()
  await turns()
  expect(log.slice(4)).toEqual(['-b', '-c', '+alone'])
  alone!.end()
  await turns()
  expect(log.slice(7)).toEqual(['-alone', '+d'])
  d!.end()
  await Promise.all(all)
})

test('work that fails makes room as well', async () => {
  const gate = new Gate(1)
  await expect(gate.shared(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(gate.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(gate.shared(() => Promise.resolve(1))).resolves.toBe(1)
})

test('whoever stops waiting leaves the queue, and lets in those behind', async () => {
  const log: string[] = []
  const gate = new Gate(1)
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => work(name, log))
  const [gone, goneAlso] = [new AbortController(), new AbortController()]
  const all = [
    gate.shared(a!.run),
    gate.shared(b!.run, gone.signal),
    gate.shared(c!.run, goneAlso.signal),
    gate.shared(d!.run),
  ]
  gone.abort(new Error('gone'))
  await expect(all[1]).rejects.toThrow('gone')
  await expect(gate.shared(b!.run, gone.signal)).rejects.toThrow('gone')
  a!.end()
  await turns()
  expect(log).toEqual(['+a', '-a', '+c'])
  // Who is inside stays, and makes room at the end.
  goneAlso.abort()
  c!.end()
  await turns()
  d!.end()
  await Promise.all([all[0], all[2], all[3]])
  expect(log).toEqual(['+a', '-a', '+c', '-c', '+d', '-d'])
})

test('whoever stops waiting behind somebody who must be alone does not enter', async () => {
  const log: string[] = []
  const gate = new Gate(2)
  const [a, b, c] = ['a', 'b', 'c'].map((name) => work(name, log))
  const gone = new AbortController()
  const first = gate.shared(a!.run)
  const alone = gate.alone(b!.run)
  const behind = gate.shared(c!.run, gone.signal)
  gone.abort(new Error('gone'))
  await expect(behind).rejects.toThrow('gone')
  a!.end()
  b!.end()
  await Promise.all([first, alone])
  expect(log).toEqual(['+a', '-a', '+b', '-b'])
})

describe('a known answer', () => {
  const answers = () => {
    const pending: ((answer: number | Error) => void)[] = []
    const find = (): Promise<number> =>
      new Promise((resolve, reject) => {
        pending.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))
      })
    return { pending, find }
  }

  test('is looked for once for all who ask meanwhile, and again afterwards', async () => {
    const { pending, find } = answers()
    const known = new Known(find, () => false)
    const both = [known.get(), known.get()]
    expect(pending).toHaveLength(1)
    pending[0]!(1)
    expect(await Promise.all(both)).toEqual([1, 1])
    const third = known.get()
    pending[1]!(2)
    expect(await third).toBe(2)
  })

  test('is given again while it is kept, but not if there is none yet', async () => {
    const { pending, find } = answers()
    let isKept = true
    const known = new Known(find, () => isKept)
    const first = known.get()
    pending[0]!(1)
    expect(await first).toBe(1)
    expect(await known.get()).toBe(1)
    isKept = false
    const again = known.get()
    pending[1]!(2)
    expect(await again).toBe(2)
  })

  test('that is looked for when something changes is neither shared with who asks later, nor kept', async () => {
    const { pending, find } = answers()
    let isKept = false
    const known = new Known(find, () => isKept)
    const before = known.get()
    known.forget()
    const after = known.get()
    pending[1]!(2)
    expect(await after).toBe(2)
    pending[0]!(1)
    expect(await before).toBe(1)
    isKept = true
    expect(await known.get()).toBe(2)
  })

  test('that cannot be found is asked for again', async () => {
    const { pending, find } = answers()
    const known = new Known(find, () => true)
    const first = known.get()
    pending[0]!(new Error('down'))
    await expect(first).rejects.toThrow('down')
    const second = known.get()
    pending[1]!(2)
    expect(await second).toBe(2)
  })
})
