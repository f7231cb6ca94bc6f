import fc from 'fast-check'

/** What tools/fast-check.cjs makes of fast-check: jest gives it to every test under that name. */
describe('fast-check, as tests get it,', () => {
  const before = process.env['ALUDEL_TEST_RUNS']
  afterEach(() => {
    if (before === undefined) delete process.env['ALUDEL_TEST_RUNS']
    else process.env['ALUDEL_TEST_RUNS'] = before
  })

  test('multiplies the runs of a property by ALUDEL_TEST_RUNS', () => {
    process.env['ALUDEL_TEST_RUNS'] = '3'
    jest.resetModules()
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- anew, with the other variable
    const again = require('fast-check') as typeof fc
    let executions = 0
    again.assert(
      again.property(fc.nat(), () => {
        executions += 1
      }),
    )
    expect(executions).toBe(300)
  })
})
