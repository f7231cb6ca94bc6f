import { Interrupt } from '../src/interrupt'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

test.each(signals)('aborts the run at the first %s and ends the process at any second signal', (first) => {
  const told: string[] = []
  const interrupt = new Interrupt(
    () => told.push('stopping'),
    (code) => told.push(`exit ${String(code)}`),
  )
  expect(interrupt.signal.aborted).toBe(false)
  process.emit(first)
  expect(interrupt.signal.reason).toMatchObject({ code: 'ALUDEL_INTERRUPTED', kind: 'interrupted' })
  for (const second of signals) process.emit(second)
  expect(told).toEqual(['stopping', 'exit 130', 'exit 130', 'exit 130'])
  interrupt.dispose()
})

test('explains an AbortError as the interruption only after a signal', () => {
  const interrupt = new Interrupt(
    () => undefined,
    () => undefined,
  )
  const aborted = new DOMException('This operation was aborted', 'AbortError')
  expect(interrupt.explain(aborted)).toBe(aborted)
  process.emit('SIGTERM')
  expect(interrupt.explain(aborted)).toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
  const other = new Error('disk full')
  expect(interrupt.explain(other)).toBe(other)
  interrupt.dispose()
})

test('listens to each signal until it is disposed', () => {
  const listeners = () => signals.map((signal) => process.listenerCount(signal))
  const before = listeners()
  const interrupt = new Interrupt(
    () => undefined,
    () => undefined,
  )
  expect(listeners()).toEqual(before.map((count) => count + 1))
  interrupt.dispose()
  expect(listeners()).toEqual(before)
})

test('waits only for a moment for a command that changes nothing', async () => {
  const interrupt = new Interrupt(
    () => undefined,
    () => undefined,
  )
  let changes = true
  const never = new Promise<never>(() => undefined)
  const waited = interrupt.waitFor(never, () => changes)
  const settled = jest.fn()
  waited.catch(settled)
  process.emit('SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(settled).not.toHaveBeenCalled()
  changes = false
  await expect(waited).rejects.toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
  interrupt.dispose()
})
