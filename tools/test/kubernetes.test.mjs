// Checks the manifests of examples/kubernetes, and runs the commands of their containers with the two roles on PostgreSQL.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import pg from 'pg'
import { parse, parseAllDocuments } from 'yaml'
import { problemsOf } from '../lib/kubernetes-types.mjs'
import { linkModules } from '../lib/modules.mjs'
import { root } from '../lib/process.mjs'
import { example, Running } from '../lib/running.mjs'

const place = join(root, 'examples', 'kubernetes')
const read = (/** @type {string} */ file) => readFileSync(join(place, file), 'utf8')
/** @param {string} file @returns {any[]} the objects of a manifest */
const objects = (file) => parseAllDocuments(read(file)).map((document) => document.toJS())
const manifests = ['secrets.yaml', 'migrate.yaml', 'deployment.yaml', 'start-up.yaml']
const head = 'a6e70699678c'

describe('the manifests', () => {
  test('have the fields that Kubernetes has', async () => {
    assert.deepEqual(await problemsOf(manifests.flatMap(objects)), [])
  })

  test('would not have a field that is misspelled, missing or of another type', async () => {
    const [job] = objects('migrate.yaml')
    const [misspelled, missing, mistyped] = [structuredClone(job), structuredClone(job), structuredClone(job)]
    misspelled.spec.template.spec.containers[0].commands = ['x']
    delete missing.spec.template
    mistyped.spec.backoffLimit = 'many'
    const problems = await problemsOf([misspelled, missing, mistyped])
    assert.equal(problems.length, 3, problems.join('\n'))
    for (const [index, name] of ['commands', 'template', 'number'].entries()) assert.ok(problems[index]?.includes(name))
  })

  test('agree with each other', () => {
    const secrets = objects('secrets.yaml').map(({ metadata }) => metadata.name)
    for (const object of [...objects('migrate.yaml'), ...objects('deployment.yaml'), ...objects('start-up.yaml')]) {
      const pod = object.spec.template?.spec
      if (pod === undefined) continue
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
        const { name, key } = container.env.find((/** @type {any} */ one) => one.name === 'DATABASE_URL').valueFrom
          .secretKeyRef
        assert.ok(secrets.includes(name) && key === 'url')
        assert.equal(container.image, 'IMAGE')
        const { preStop } = container.lifecycle ?? {}
        if (preStop) assert.ok(pod.terminationGracePeriodSeconds > Number(preStop.exec.command[1]))
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
          const port = container[probe]?.httpGet.port
          if (port !== undefined) assert.ok(container.ports.some((/** @type {any} */ one) => one.name === port))
        }
      }
    }
    const [deployment, service, budget] = objects('deployment.yaml')
    const { labels } = deployment.spec.template.metadata
    for (const selector of [
      deployment.spec.selector.matchLabels,
      service.spec.selector,
      budget.spec.selector.matchLabels,
    ]) {
      assert.deepEqual(selector, labels)
    }
    const [job] = objects('migrate.yaml')
    const { terminationGracePeriodSeconds, containers } = job.spec.template.spec
    const { args } = containers[0]
    assert.ok(seconds(args[args.indexOf('--statement-timeout') + 1]) < terminationGracePeriodSeconds)
    const wait = deployment.spec.template.spec.initContainers[0].args
    assert.ok(seconds(wait[wait.indexOf('--timeout') + 1]) < deployment.spec.progressDeadlineSeconds)
    assert.equal(job.spec.podFailurePolicy.rules[0].onExitCodes.containerName, containers[0].name)
    const [simple] = objects('start-up.yaml')
    const { startupProbe } = simple.spec.template.spec.containers[0]
    assert.ok(startupProbe.periodSeconds * startupProbe.failureThreshold < simple.spec.progressDeadlineSeconds)
  })
})

/** @param {string} duration for example `15m` */
function seconds(duration) {
  const [, digits, unit] = /^(\d+)(s|m)$/.exec(duration) ?? []
  return Number(digits) * (unit === 'm' ? 60 : 1)
}

describe('the containers', () => {
  const tag = randomBytes(4).toString('hex')
  const [database, owner, app] = [`shop_${tag}`, `shop_owner_${tag}`, `shop_app_${tag}`]
  const server = process.env['ALUDEL_TEST_POSTGRES_URL'] ?? ''
  let image = ''
  /** @param {string} user @param {string} password @param {string} name */
  const urlOf = (user, password, name = database) => {
    const url = new URL(server)
    Object.assign(url, { username: user, password, pathname: `/${name}` })
    return url.href
  }
  /** @param {string} url @param {string} sql */
  const query = async (url, sql) => {
    const client = new pg.Client(url)
    await client.connect()
    return client.query(sql).finally(() => client.end())
  }

  before(async () => {
    // The image: a folder with the configuration, the dependencies, and the Fastify example.
    image = mkdtempSync(join(tmpdir(), 'aludel-image-'))
    linkModules(image, root)
    writeFileSync(join(image, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(image, 'aludel.config.json'), '{ "shipped": true }')
    const own = read('roles.sql').replace(/\bshop(_owner|_app)?\b/g, (_all, role = '') => `shop${role}_${tag}`)
    const [outside = '', inside = ''] = own.split(/^\\connect .*$/m)
    for (const statement of outside.split(/;\n/)) if (/^\w/m.test(statement)) await query(server, statement)
    await query(urlOf(new URL(server).username, new URL(server).password), inside)
  })
  after(async () => {
    rmSync(image, { recursive: true, force: true })
    await query(server, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    for (const role of [owner, app]) await query(server, `DROP ROLE IF EXISTS ${role}`)
  })

  const urls = { 'shop-database-owner': urlOf(owner, 'CHANGE-ME'), 'shop-database': urlOf(app, 'CHANGE-ME-TOO') }
  /**
   * Runs a container as its manifest says.
   *
   * @param {any} container
   * @param {(args: string[]) => string[]} [change] of its arguments
   * @returns {Promise<{ code: number, output: string }>}
   */
  const runContainer = ({ command, args, env }, change = (same) => same) => {
    const secret = env.find((/** @type {any} */ one) => one.name === 'DATABASE_URL').valueFrom.secretKeyRef.name
    const url = urls[/** @type {keyof typeof urls} */ (secret)]
    const [program, ...first] = command
    const all = [...first, ...change(args)].map((word) => word.replaceAll('HEAD', head))
    return new Promise((resolve) => {
      const options = { cwd: image, env: { PATH: process.env['PATH'] ?? '', HOME: image, DATABASE_URL: url } }
      execFile(join(image, program), all, options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
      })
    })
  }
  const [job] = objects('migrate.yaml')
  const [deployment] = objects('deployment.yaml')
  const migrate = job.spec.template.spec.containers[0]
  const wait = deployment.spec.template.spec.initContainers[0]

  test('the head of the documents and this test is that of the shipped revisions', async () => {
    const aludel = join(image, 'node_modules', '.bin', 'aludel')
    const { stdout } = await promisify(execFile)(aludel, ['migrate', 'heads', '--json'], { cwd: image })
    assert.equal(JSON.parse(stdout).heads[0].revision, head)
  })

  test('wait until the Job has migrated, and end with 3 when it has not', async () => {
    const early = await runContainer(wait, () => ['--timeout', '1s'])
    assert.equal(early.code, 3, early.output)
    const waiting = runContainer(wait)
    const { code, output } = await runContainer(migrate)
    assert.equal(code, 0, output)
    const ended = await waiting
    assert.equal(ended.code, 0, ended.output)
  })

  test('the Job does nothing the second time, and refuses for another head', async () => {
    assert.equal((await runContainer(migrate)).code, 0)
    const other = await runContainer(migrate, (args) => args.map((word) => (word === 'HEAD' ? 'bbbbbbbbbbbb' : word)))
    assert.equal(other.code, 4, other.output)
    assert.match(other.output, /ALUDEL_UNEXPECTED_HEAD/)
  })

  test('the role of the application works with rows, and cannot change tables', async () => {
    const url = urls['shop-database']
    await query(url, `INSERT INTO metrics (id, name, value, created_at) VALUES (gen_random_uuid(), 'x', 1, now())`)
    await assert.rejects(query(url, 'ALTER TABLE metrics ADD x int'), /must be owner/)
    await assert.rejects(query(url, 'CREATE TABLE x (id int)'), /permission denied/)
    await query(urls['shop-database-owner'], `REVOKE INSERT, UPDATE, DELETE ON migrations, aludel_journal FROM ${app}`)
    assert.equal((await runContainer(wait)).code, 0)
  })

  test('the application is ready as that role, without the right to migrate', async () => {
    const { files } = example('fastify')
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(image, name)), { recursive: true })
      writeFileSync(join(image, name), text)
    }
    await promisify(execFile)(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc')], {
      cwd: image,
    })
    const { command, env } = deployment.spec.template.spec.containers[0]
    assert.equal(command[0], 'node')
    const given = env.filter((/** @type {any} */ { name, value }) => value !== undefined && name !== 'PORT')
    const running = await Running.start(
      image,
      {
        ...Object.fromEntries(given.map((/** @type {any} */ { name, value }) => [name, value])),
        ...{ HOST: '127.0.0.1', DATABASE_URL: urls['shop-database'] },
      },
      command[1],
    )
    await running.until('/ready', 200)
    const made = await running.ask('POST', '/workflows', { type: 'validation' })
    assert.equal(made.status, 201)
    assert.deepEqual(await running.stop('SIGTERM'), { code: 0, signal: null }, running.output)
  })
})

describe('deploy.sh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aludel-deploy-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** A `kubectl` that keeps objects as files, and writes down how it was called. */
  before(() => {
    mkdirSync(join(folder, 'bin'))
    writeFileSync(
      join(folder, 'bin', 'kubectl'),
      `#!/bin/sh
echo "$*" >> "${folder}/calls"
case "$1 $2" in
  'get job') [ -e "${folder}/$3" ] || exit 0; case "$*" in *jsonpath*) cat "${folder}/$3.failed" 2> /dev/null || true;; *) echo "job/$3";; esac ;;
  'delete job') rm -f "${folder}/$3" "${folder}/$3.failed" ;;
  'create -f') cat > "${folder}/migrate-${head}" ;;
  'apply -f') cat > "${folder}/applied" ;;
esac
`,
    )
    chmodSync(join(folder, 'bin', 'kubectl'), 0o755)
  })
  const deploy = async (/** @type {string} */ image) => {
    rmSync(join(folder, 'calls'), { force: true })
    const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` }
    await promisify(execFile)(join(place, 'deploy.sh'), [image, head], { env })
    return readFileSync(join(folder, 'calls'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').slice(0, 2).join(' '))
  }

  test('creates a Job once for each head, and one that failed again', async () => {
    assert.deepEqual(await deploy('registry.example.com/shop:1.4.0'), [
      ...['get job', 'get job', 'create -f', 'apply -f', 'rollout status'],
    ])
    const created = parse(readFileSync(join(folder, `migrate-${head}`), 'utf8'))
    assert.equal(created.metadata.name, `migrate-${head}`)
    assert.equal(created.spec.template.spec.containers[0].image, 'registry.example.com/shop:1.4.0')
    assert.ok(created.spec.template.spec.containers[0].args.includes(head))
    assert.doesNotMatch(readFileSync(join(folder, 'applied'), 'utf8'), /image: IMAGE/)

    assert.deepEqual(await deploy('registry.example.com/shop:1.4.1'), [
      ...['get job', 'get job', 'apply -f', 'rollout status'],
    ])
    writeFileSync(join(folder, `migrate-${head}.failed`), 'True')
    assert.deepEqual(await deploy('registry.example.com/shop:1.4.2'), [
      ...['get job', 'delete job', 'get job', 'create -f', 'apply -f', 'rollout status'],
    ])
  })
})
