// cspell:ignore upgarde
import { run } from './world'

test('exits with 2 on a wrong command line and reports it on standard error', async () => {
  expect(await run(['migrate', 'upgarde'])).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: unknown command "migrate upgarde" [ALUDEL_USAGE]\n  Did you mean `aludel migrate upgrade`? See `aludel migrate --help`.\n',
  })
})

test('reports a wrong command line as a JSON document with --json', async () => {
  const { code, stdout, stderr } = await run(['--json', 'migrate'])
  expect(code).toBe(2)
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ALUDEL_USAGE', details: {} } })
})

test('exits with 0 after help and version, without output on standard error', async () => {
  expect(await run(['--version'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    stderr: '',
  })
  expect(await run(['db', '--help'])).toMatchObject({ code: 0, stderr: '' })
})

test('removes its signal listeners after the run, however it ends', async () => {
  const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => process.listenerCount(signal))
  const before = listeners()
  await run(['--version'])
  await run(['migrate', 'upgarde'])
  expect(listeners()).toEqual(before)
})
