import { chmodSync, existsSync } from 'node:fs'
import path from 'node:path'

import { aludelProcess, makeDatabase, makeDirectory, removeDirectory, writeFiles } from './harness'
import { shop } from './shop'

test('upgrades from a directory that cannot be written, without a home and without a place for temporary files', async () => {
  const directory = makeDirectory(shop('postgres'))
  const database = await makeDatabase('postgres')
  try {
    writeFiles(directory, { 'package.json': '{}' })
    chmodSync(directory, 0o555)
    const nowhere = path.join(directory, 'nowhere')
    const options = {
      cwd: directory,
      // SWC, the compiler, unpacks its native part there.
      env: { HOME: nowhere, XDG_CACHE_HOME: nowhere, TMPDIR: nowhere, SWC_NATIVE_BINDING_CACHE: nowhere },
      // Root may write everywhere; the user `nobody` may not.
      ...(process.getuid?.() === 0 ? { uid: 65_534 } : {}),
    }
    const args = ['--data-source', 'data-source.ts', '--database-url', database.url, '--json']
    const upgraded = await aludelProcess(['migrate', 'upgrade', ...args], options)
    expect(upgraded).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error') as string })
    expect((await aludelProcess(['migrate', 'current', ...args], options)).json()).toMatchObject({ upToDate: true })
    expect(existsSync(nowhere)).toBe(false)
  } finally {
    chmodSync(directory, 0o755)
    await database.drop()
    removeDirectory(directory)
  }
})
