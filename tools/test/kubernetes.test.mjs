// Checks the manifests of examples/kubernetes, and the script that applies them.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'
import { problemsOf } from '../lib/kubernetes-types.mjs'
import { root } from '../lib/process.mjs'

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
