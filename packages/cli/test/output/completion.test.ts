import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { run } from '../world'

let directory: string
let script: string

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aludel-completion-'))
  mkdirSync(path.join(directory, 'work', 'migrations'), { recursive: true })
  writeFileSync(path.join(directory, 'work', 'file.ts'), '')
  // Replaces the `aludel` command, which the completion script calls to list revisions.
  writeFileSync(
    path.join(directory, 'aludel'),
    '#!/bin/sh\necho "3f9c1b7a2d40  add priority"\necho "a1b2c3d4e5f6  core schema"\n',
  )
  chmodSync(path.join(directory, 'aludel'), 0o755)
  script = (await run(['completion', 'bash'])).stdout
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The words that bash offers when Tab is pressed at the end of the line. */
function complete(...words: string[]): string[] {
  const harness = `${script}
COMP_WORDS=(aludel "$@"); COMP_CWORD=$#
_aludel
printf '%s\\n' "\${COMPREPLY[@]}"`
  const output = execFileSync('bash', ['--norc', '-c', harness, 'bash', ...words], {
    cwd: path.join(directory, 'work'),
    env: { PATH: `${directory}:${process.env['PATH'] ?? ''}` },
    encoding: 'utf8',
  })
  return output.split('\n').filter((line) => line !== '')
}

test.each([
  [['mi'], ['migrate']],
  [['migrate', 'up'], ['upgrade']],
  [['migrate', 'upgrade', '--pl'], ['--plan']],
  [
    ['migrate', 'upgrade', '--transaction', ''],
    ['each', 'all'],
  ],
  [['migrate', 'upgrade', '3f'], ['3f9c1b7a2d40']],
  [['migrate', 'downgrade', '--revision', 'a1'], ['a1b2c3d4e5f6']],
  [
    ['migrate', 'stamp', 'he'],
    ['head', 'heads'],
  ],
  [
    ['--config', 'file.ts', 'db', ''],
    ['init', 'info', 'schema', 'seed'],
  ],
  [['migrate', 'current', '--config', 'f'], ['file.ts']],
  [['migrate', 'current', '--revisions', ''], ['migrations']],
  [['reviews', 'import', ''], ['migrations']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['migrate', 'create', '-m', ''], []],
  [
    ['migrate', 'graph', '--format', ''],
    ['mermaid', 'dot', 'svg'],
  ],
  [
    ['graph', '--format', ''],
    ['mermaid', 'dot', 'svg'],
  ],
  [
    ['db', 'schema', '--format', ''],
    ['text', 'mermaid'],
  ],
  [['db', 'schema', 'users', '--format', 'm'], ['mermaid']],
  [['migrate', 'graph', '-o', 'f'], ['file.ts']],
  [['migrate', 'graph', '3f'], ['3f9c1b7a2d40']],
  [['migrate', 'edit', 'a1'], ['a1b2c3d4e5f6']],
  [['migrate', 'history', '--gr'], ['--graph']],
  [['migrate', 'create', '--no-r'], ['--no-rename']],
  [['upg'], ['upgrade']],
  [['upgrade', '--pl'], ['--plan']],
  [['downgrade', 'a1'], ['a1b2c3d4e5f6']],
])('completes %j in bash to %j', (words, expected) => {
  expect(complete(...words)).toEqual(expected)
})

test('prints the script for the shell in SHELL, or for bash when it is unset', async () => {
  expect((await run(['completion'], { SHELL: '/usr/bin/zsh' })).stdout).toMatch(/^#compdef aludel\n/)
  expect((await run(['completion'], {})).stdout).toBe(script)
})

test('prints the completion script as JSON with --json', async () => {
  expect(JSON.parse((await run(['completion', 'bash', '--json'])).stdout)).toEqual({ shell: 'bash', script })
})

const hasFish = spawnSync('fish', ['--version']).status === 0

test('prints the script for fish, with a condition for each option and each argument', async () => {
  const fish = (await run(['completion'], { SHELL: '/usr/bin/fish' })).stdout
  expect(fish).toContain("complete -c aludel -n '__aludel_after migrate' -a upgrade -d 'run revisions'\n")
  expect(fish).toContain("complete -c aludel -n '__aludel_at upgrade' -l transaction -x -a 'each all' -d '")
  expect(fish).toContain("complete -c aludel -n '__aludel_at migrate stamp' -a '(__aludel_revisions)'\n")
  expect(fish).toContain("complete -c aludel -n '__aludel_at migrate current' -l config -r -F -d '")
  // Every line is a whole one: quotes in descriptions are escaped.
  for (const line of fish.split('\n').filter((one) => one.startsWith('complete ')))
    expect([line, line.replace(/\\['\\]/g, '').split("'").length % 2]).toEqual([line, 1])
})

const inFish = hasFish ? describe : describe.skip
inFish('fish (where it is installed)', () => {
  test.each([
    ['aludel mi', ['migrate']],
    ['aludel migrate upgrade --transaction ', ['all', 'each']],
    ['aludel --config file.ts db ', ['info', 'init']],
    ['aludel upgrade 3f', ['3f9c1b7a2d40']],
    ['aludel migrate current --config f', ['file.ts']],
  ])('completes "%s" to %j', async (line, expected) => {
    const file = path.join(directory, 'aludel.fish')
    writeFileSync(file, (await run(['completion', 'fish'])).stdout)
    const output = execFileSync('fish', ['--no-config', '-c', `source ${file}; complete -C '${line}'`], {
      cwd: path.join(directory, 'work'),
      env: { ...process.env, PATH: `${directory}:${process.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    })
    expect(
      output
        .split('\n')
        .flatMap((one) => one.split('\t').slice(0, 1))
        .filter((word) => word !== ''),
    ).toEqual(expected)
  })
})
