import { AludelError, type ErrorCode, errorCodes } from '@aludel/engine'

import { exitCodes } from '../../src/errors'
import { Output } from '../../src/output/output'
import { printError } from '../../src/output/print-error'
import { collector } from '../world'

function print(error: unknown, flags: { readonly json?: boolean; readonly verbose?: boolean } = {}) {
  const stdout = collector()
  const stderr = collector()
  const output = new Output({
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
    json: flags.json === true,
    verbose: flags.verbose === true,
    quiet: false,
    noColor: false,
  })
  const code = printError(error, output)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

test('prints an error as one line, then its help, on standard error', () => {
  const error = new AludelError('ALUDEL_UNKNOWN_REVISION', 'no revision starts with "zz"', {
    help: 'Nearest: a1.\nSee history.',
    details: { revision: 'zz' },
  })
  expect(print(error)).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: no revision starts with "zz" [ALUDEL_UNKNOWN_REVISION]\n  Nearest: a1.\n  See history.\n',
  })
})

test('joins an error message of several lines into one', () => {
  const { stderr } = print(new AludelError('ALUDEL_STATEMENT', 'first\n  second\nthird'))
  expect(stderr).toBe('error: first second third [ALUDEL_STATEMENT]\n')
})

test('prints an error as one JSON document on standard output with --json', () => {
  const error = new AludelError('ALUDEL_LOCKED', 'somebody holds the lock', { details: { waitedMs: 30 } })
  const { code, stdout, stderr } = print(error, { json: true })
  expect(code).toBe(5)
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({
    error: { code: 'ALUDEL_LOCKED', message: 'somebody holds the lock', details: { waitedMs: 30 } },
  })
})

test('prints the stack of an error and its cause only with --verbose', () => {
  const error = new AludelError('ALUDEL_CONNECT', 'no answer', { cause: new Error('ECONNREFUSED') })
  expect(print(error).stderr).not.toContain('at ')
  const { stderr } = print(error, { verbose: true })
  expect(stderr).toContain('print-error.test.ts')
  expect(stderr).toContain('caused by: Error: ECONNREFUSED')
})

test('reports an unexpected error as ALUDEL_INTERNAL', () => {
  expect(print(new TypeError('x is not a function'))).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: x is not a function \[ALUDEL_INTERNAL\]\n/) as string,
  })
  expect(print('text').stderr).toContain('error: text [ALUDEL_INTERNAL]')
})

test('masks a password in the message, help, details and cause of an error', () => {
  const url = 'postgres://app:s3cret@db/app'
  const error = new AludelError('ALUDEL_CONNECT', `no route to ${url}`, {
    help: url,
    details: { host: url },
    cause: new Error(url),
  })
  for (const flags of [{}, { json: true }, { verbose: true }, { json: true, verbose: true }]) {
    const { stdout, stderr } = print(error, flags)
    expect(stdout + stderr).toContain('app:***@db')
    expect(stdout + stderr).not.toContain('s3cret')
  }
})

test.each(Object.keys(errorCodes) as ErrorCode[])('returns for %s the exit code of its kind', (code) => {
  expect(print(new AludelError(code, 'x')).code).toBe(exitCodes[errorCodes[code]])
})

test('keeps the documented exit codes', () => {
  expect(exitCodes).toEqual({ failed: 1, usage: 2, answer: 3, refused: 4, locked: 5, halfway: 6, interrupted: 130 })
})
