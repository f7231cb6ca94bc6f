// Builds the examples from the packed packages, starts them on both databases, uses them, and stops them.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { Consumer, packAll } from '../lib/packed.mjs'
import { root } from '../lib/process.mjs'
import { example, Running } from '../lib/running.mjs'

const folder = mkdtempSync(join(tmpdir(), 'aludel-examples-'))
after(() => rmSync(folder, { recursive: true, force: true }))
/** @type {import('../lib/packed.mjs').Packed[]} */
let packed = []
before(async () => {
  packed = await packAll(folder)
})

/** @param {string} sql */
async function onServer(sql) {
  const client = new pg.Client(process.env['ALUDEL_TEST_POSTGRES_URL'] ?? '')
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

for (const [name, ends] of /** @type {const} */ ([
  ['fastify', { code: 0, signal: null }],
  // Nest sends itself the signal again when it has closed everything.
  ['nestjs', { code: null, signal: 'SIGTERM' }],
])) {
  describe(`examples/${name}`, () => {
    /** @type {Consumer} */
    let app
    /** @type {Running[]} */
    let running = []
    before(async () => {
      const { manifest, files } = example(name)
      const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
        (dependency) => !dependency.startsWith('@aludel/'),
      )
      app = await Consumer.make(packed, {
        dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, dependency])),
        manifest,
        files,
      })
      await app.node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.')
    })
    after(() => app?.remove())

    for (const database of ['sqlite', 'postgres']) {
      describe(`on ${database}`, () => {
        const name = `example_${randomBytes(6).toString('hex')}`
        const url = new URL(process.env['ALUDEL_TEST_POSTGRES_URL'] ?? 'postgres://')
        url.pathname = `/${name}`
        const [env, databaseUrl] =
          database === 'sqlite'
            ? [{ SQLITE_FILE: 'data/app.db' }, 'sqlite:///data/app.db']
            : [{ DATABASE_URL: url.href }, url.href]
        const aludel = (/** @type {string[]} */ ...args) => app.aludel(...args, '--database-url', databaseUrl)
        before(async () => {
          if (database === 'postgres') await onServer(`CREATE DATABASE "${name}"`)
          // Both at once: one migrates, and the other one waits for it.
          running = await Promise.all([Running.start(app.folder, env), Running.start(app.folder, env)])
          await Promise.all(running.map((one) => one.until('/ready', 200)))
        })
        after(async () => {
          for (const one of running) await one.stop('SIGKILL')
          if (database === 'postgres') await onServer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
        })

        /** @returns {Running} */
        const first = () => running[0] ?? assert.fail('not started')

        test('is at head when it is ready', async () => {
          await aludel('migrate', 'current', '--check-heads')
        })

        test('moves workflows, and refuses wrong moves', async () => {
          const made = await first().ask('POST', '/workflows', { type: 'validation', totalSteps: 4 })
          assert.equal(made.status, 201)
          const path = `/workflows/${made.body.id}`
          assert.equal((await first().ask('POST', `${path}/complete`)).status, 409)
          assert.equal((await first().ask('POST', `${path}/start`)).body.state, 'running')
          assert.equal((await first().ask('POST', `${path}/advance`)).body.progressPercent, 25)
          const { body } = await first().ask('GET', '/workflows?state=running&limit=10')
          assert.deepEqual(
            body.items.map((/** @type {{ id: string }} */ { id }) => id),
            [made.body.id],
          )
          assert.equal((await first().ask('POST', '/workflows', { type: 7, more: true })).status, 400)
          assert.equal((await first().ask('GET', '/workflows?limit=0')).status, 400)
          assert.equal((await first().ask('GET', '/workflows/00000000-0000-4000-8000-000000000000')).status, 404)
          assert.equal((await first().ask('GET', '/workflows/x')).status, 400)
          assert.equal((await first().ask('POST', `${path}/delete`)).status, 400)
        })

        test('lists recommendations to review, of which one reviewer gets each', async () => {
          const validation = await first().ask('POST', '/validations', {
            ...{ filePath: 'docs/a.md', content: 'text', status: 'fail', results: [{ rule: 'MD001' }] },
          })
          const proposed = await first().ask('POST', `/validations/${validation.body.id}/recommendations`, {
            ...{ type: 'heading', title: 'Begin with a heading', actor: 'linter' },
          })
          assert.deepEqual([validation.status, proposed.status], [201, 201])
          const open = await first().ask('GET', '/recommendations?status=proposed')
          assert.deepEqual(
            open.body.items.map((/** @type {{ id: string }} */ { id }) => id),
            [proposed.body.id],
          )
          const answers = await Promise.all(
            running.map((one, index) =>
              one.ask('POST', `/recommendations/${proposed.body.id}/${index === 0 ? 'approve' : 'reject'}`, {
                actor: `reviewer ${index}`,
              }),
            ),
          )
          assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
          const { body } = await first().ask('GET', `/recommendations/${proposed.body.id}/audit`)
          assert.equal(body.items.length, 2)
          assert.deepEqual((await first().ask('GET', '/recommendations?status=proposed')).body.items, [])
        })

        test('is alive but not ready while a revision is pending', async () => {
          await aludel('migrate', 'downgrade', '-1', '--yes')
          await first().until('/ready', 503)
          assert.equal((await first().ask('GET', '/live')).status, 200)
          await aludel('migrate', 'upgrade')
          await first().until('/ready', 200)
        })

        test('ends cleanly with SIGTERM', async () => {
          for (const one of running) {
            assert.deepEqual(await one.stop('SIGTERM'), ends, one.output)
            await assert.rejects(fetch(one.url + '/live'))
          }
        })

        test('migrates nothing with MIGRATE=false', async () => {
          await aludel('migrate', 'downgrade', 'base', '--yes')
          const one = await Running.start(app.folder, { ...env, MIGRATE: 'false' })
          running.push(one)
          await one.until('/live', 200)
          assert.equal((await one.ask('GET', '/ready')).status, 503)
          assert.deepEqual(await one.stop('SIGTERM'), ends, one.output)
          assert.equal(JSON.parse(await aludel('migrate', 'current', '--json')).pending, 2)
        })
      })
    }
  })
}
