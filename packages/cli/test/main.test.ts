import { run } from './world'

test('a wrong command line ends with 2, and says so on standard error', async () => {
  expect(await run(['migrate', 'upgarde'])).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: unknown command "migrate upgarde" [ALUDEL_USAGE]\n  Did you mean `aludel migrate upgrade`? See `aludel migrate --help`.\n',
  })
})

test('with --json also that is a document', async () => {
  const { code, stdout, stderr } = await run(['--json', 'migrate'])
  expect(code).toBe(2)
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ALUDEL_USAGE', details: {} } })
})

test('help and version end with 0, on standard output', async () => {
  expect(await run(['--version'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    stderr: '',
  })
  expect(await run(['db', '--help'])).toMatchObject({ code: 0, stderr: '' })
})

test('a signal listener does not outlive the run', async () => {
  const before = process.listenerCount('SIGTERM')
  await run(['--version'])
  expect(process.listenerCount('SIGTERM')).toBe(before)
})
