import { Interrupt } from '../src/interrupt'

test('aborts the run at the first signal and ends the process at the second', () => {
  const told: string[] = []
  const interrupt = new Interrupt(
    () => told.push('stopping'),
    (code) => told.push(`exit ${String(code)}`),
  )
  expect(interrupt.signal.aborted).toBe(false)
  process.emit('SIGINT')
  expect(interrupt.signal.reason).toMatchObject({ code: 'ALUDEL_INTERRUPTED', kind: 'interrupted' })
  process.emit('SIGTERM')
  expect(told).toEqual(['stopping', 'exit 130'])
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

test('removes its signal listener when disposed', () => {
  const before = process.listenerCount('SIGINT')
  new Interrupt(
    () => undefined,
    () => undefined,
  ).dispose()
  expect(process.listenerCount('SIGINT')).toBe(before)
})
