// Installs the packed packages with npm in empty folders, as a user does: the examples, and NestJS 11 with TypeORM 0.3. It downloads, so
// only `npm run test:all` runs it; `examples.test.mjs` does most of it without.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { packAll } from '../lib/packed.mjs'
import { root } from '../lib/process.mjs'
import { example, Running } from '../lib/running.mjs'

const execute = promisify(execFile)
/** The version that is compiled here. @type {string} */
const sqlite = JSON.parse(readFileSync(join(root, 'node_modules', 'better-sqlite3', 'package.json'), 'utf8')).version
const skip = process.env['ALUDEL_TEST_SCOPE'] !== 'all' && 'it downloads packages: npm run test:all'

const tarballs = mkdtempSync(join(tmpdir(), 'aludel-tarballs-'))
after(() => rmSync(tarballs, { recursive: true, force: true }))
/** @type {import('../lib/packed.mjs').Packed[]} */
let packed = []
before(async () => {
  if (skip === false) packed = await packAll(tarballs)
})

/**
 * Makes a folder with these files, and installs.
 *
 * @param {Record<string, string>} files
 * @param {readonly string[]} ours names of the packages, without the scope
 * @returns {Promise<string>} the folder
 */
async function install(files, ours) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aludel-installed-')))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const wanted = packed.filter(({ name }) => ours.includes(name.slice('@aludel/'.length)))
  // Compiling SQLite takes minutes: the one that is compiled here is copied.
  await npm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted.map(({ tarball }) => tarball))
  const built = join('node_modules', 'better-sqlite3', 'build')
  cpSync(join(root, built), join(folder, built), { recursive: true })
  return folder
}

/**
 * @param {string} folder
 * @param {...string} args
 */
async function npm(folder, ...args) {
  // The npm that runs this test tells its children where its own project is.
  const inherited = /^npm_(?:package|lifecycle|config_local_prefix)/
  const env = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !inherited.test(variable)))
  return execute('npm', args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })
}

for (const name of ['fastify', 'nestjs']) {
  test(`examples/${name} is installed, built and started with npm`, { skip }, async () => {
    const { manifest, files } = example(name)
    const { dependencies, devDependencies } = manifest
    const ours = Object.keys({ ...dependencies, ...devDependencies }).flatMap((dependency) =>
      dependency.startsWith('@aludel/') ? [dependency.slice('@aludel/'.length)] : [],
    )
    // The others that these depend on: they are not published, either.
    const all = [...new Set([...ours, 'engine', 'models'])]
    const manifestText = JSON.stringify({
      ...manifest,
      dependencies: { ...without(dependencies), 'better-sqlite3': sqlite },
      devDependencies: without(devDependencies),
    })
    const folder = await install({ ...files, 'package.json': manifestText }, all)
    try {
      await npm(folder, 'run', 'build')
      const running = await Running.start(folder, { SQLITE_FILE: 'app.db' })
      await running.until('/ready', 200)
      assert.equal((await running.ask('GET', '/workflows')).status, 200)
      await running.stop('SIGTERM')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

/** @param {Record<string, string>} dependencies */
function without(dependencies) {
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => !name.startsWith('@aludel/')))
}

describe('an application with NestJS 11 and TypeORM 0.3', { skip }, () => {
  let folder = ''
  before(async () => {
    const nest = ['common', 'core', 'platform-express', 'terminus', 'typeorm'].map((name) => [
      `@nestjs/${name}`,
      '^11.0.0',
    ])
    const manifest = {
      ...{ name: 'app', private: true },
      dependencies: {
        ...Object.fromEntries(nest),
        ...{ 'better-sqlite3': sqlite, 'reflect-metadata': '^0.2.2', rxjs: '^7.8.1', typeorm: '^0.3.20' },
      },
      devDependencies: { typescript: '^6.0.3', '@types/node': '^20' },
    }
    const compilerOptions = {
      ...{ target: 'es2022', module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0', strict: true },
      ...{
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        skipLibCheck: true,
        outDir: '.',
        types: ['node'],
      },
    }
    folder = await install(
      {
        'package.json': JSON.stringify(manifest),
        'tsconfig.json': JSON.stringify({ compilerOptions, files: ['main.ts'] }),
        'migrations/1763750000000-notes.js': `exports.Notes1763750000000 = class Notes1763750000000 {
  static revision = 'aaaaaaaaaaaa'
  static downRevision = null
  async up(queryRunner) { await queryRunner.query('CREATE TABLE "notes" ("id" integer PRIMARY KEY)') }
  async down(queryRunner) { await queryRunner.query('DROP TABLE "notes"') }
}
`,
        'main.ts': `import 'reflect-metadata'
import { AludelHealthIndicator, AludelModule, InjectMigrator, Migrator } from '@aludel/nestjs'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus'
import { TypeOrmModule } from '@nestjs/typeorm'

@Controller()
class Health {
  constructor(
    private readonly health: HealthCheckService,
    private readonly migrations: AludelHealthIndicator,
    private readonly migrator: Migrator,
    @InjectMigrator() readonly again: Migrator,
  ) {}

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.migrations.isAtHead('migrations')])
  }

  @Get('undo')
  async undo() {
    const { steps } = await this.migrator.downgrade('-1')
    return { undone: steps.length, same: this.migrator === this.again }
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'better-sqlite3', database: 'app.db' }),
    AludelModule.forRootAsync({ useFactory: () => ({ revisions: 'migrations' }) }),
    TerminusModule,
  ],
  controllers: [Health],
})
class AppModule {}

async function main() {
  const app = await NestFactory.create(AppModule)
  app.enableShutdownHooks()
  await app.listen(Number(process.env['PORT']), '127.0.0.1')
}
void main()
`,
      },
      ['engine', 'nestjs'],
    )
    await execute(process.execPath, [join(folder, 'node_modules', 'typescript', 'bin', 'tsc')], { cwd: folder })
  })
  after(() => folder !== '' && rmSync(folder, { recursive: true, force: true }))

  test('is migrated before it listens, reports it, and ends with its signal', async () => {
    const running = await Running.start(folder, {}, 'main.js')
    await running.until('/ready', 200)
    assert.deepEqual((await running.ask('GET', '/ready')).body.info, {
      migrations: { status: 'up', current: ['aaaaaaaaaaaa'], heads: ['aaaaaaaaaaaa'] },
    })
    assert.deepEqual((await running.ask('GET', '/undo')).body, { undone: 1, same: true })
    const { status, body } = await running.ask('GET', '/ready')
    assert.deepEqual(
      [status, body.error.migrations.message],
      [503, '1 revision is pending (current base, head aaaaaaaaaaaa)'],
    )
    assert.deepEqual(await running.stop('SIGTERM'), { code: null, signal: 'SIGTERM' }, running.output)
  })
})
