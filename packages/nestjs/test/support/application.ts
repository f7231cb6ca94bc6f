/**
 * NestJS applications. `node --require register.cjs application.ts PLAN` is one as a process of its own, which prints a `Line` at a time.
 * With `host` in place of a plan, it starts and closes one after another, as its parent says: loading NestJS takes longer than most tests.
 */
import 'reflect-metadata'

import {
  Controller,
  type DynamicModule,
  Get,
  Global,
  Inject,
  Injectable,
  type INestApplication,
  type LoggerService,
  Module,
  type OnModuleInit,
  type Type,
} from '@nestjs/common'
import { ModuleRef, NestFactory } from '@nestjs/core'
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus'
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm'
import type { DataSource } from 'typeorm'

import {
  AludelHealthIndicator,
  AludelModule,
  type AludelModuleOptions,
  type AludelOptionsFactory,
  getMigratorToken,
  InjectMigrator,
  isAludelError,
  Migrator,
} from '../../src'
import type { FromHost, Line, Plan, ToHost } from './plan'

type Print = (line: Line) => void

/** Nest's log as lines. */
class Log implements LoggerService {
  constructor(private readonly print: Print) {}

  log = (text: unknown, context?: string) => this.print({ level: 'log', text: String(text), context })
  warn = (text: unknown, context?: string) => this.print({ level: 'warn', text: String(text), context })
  error = (text: unknown, _stack?: string, context?: string) =>
    this.print({ level: 'error', text: String(text), context })
}

/** The module of an application that does this. */
function rootModule(plan: Plan, print: Print): Type {
  const names = Object.keys(plan.databases)
  const first = names[0] ?? 'default'

  /** A service that needs its table as soon as it can have it. */
  @Injectable()
  class Notes implements OnModuleInit {
    constructor(@Inject(ModuleRef) private readonly modules: ModuleRef) {}

    async onModuleInit(): Promise<void> {
      const dataSource = this.modules.get<DataSource>(getDataSourceToken(first), { strict: false })
      const rows = await dataSource.query<unknown[]>('SELECT * FROM "notes"').then(
        (found) => `${String(found.length)} notes`,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      print({ init: rows })
    }
  }

  @Controller()
  class Health {
    constructor(
      @Inject(HealthCheckService) private readonly health: HealthCheckService,
      @Inject(AludelHealthIndicator) private readonly migrations: AludelHealthIndicator,
      @InjectMigrator(first) private readonly migrator: Migrator,
      @Inject(ModuleRef) private readonly modules: ModuleRef,
    ) {}

    @Get('live')
    live(): { readonly status: 'ok' } {
      return { status: 'ok' }
    }

    @Get('ready')
    @HealthCheck()
    ready(): Promise<unknown> {
      return this.health.check(names.map((name) => () => this.migrations.isAtHead(name, { name })))
    }

    @Get('current')
    async current(): Promise<unknown> {
      const migrators = names.map((name) => this.modules.get(getMigratorToken(name), { strict: false }))
      return {
        injected: this.migrator instanceof Migrator,
        current: await Promise.all(migrators.map(async (migrator) => (await migrator.current()).current)),
      }
    }
  }

  @Injectable()
  class Factory implements AludelOptionsFactory {
    createAludelOptions(name?: string): AludelModuleOptions {
      return plan.modules.find((options) => (options.name ?? 'default') === (name ?? 'default')) ?? plan.modules[0]!
    }
  }

  @Global()
  @Module({ providers: [Factory], exports: [Factory] })
  class FactoryModule {}

  function aludelModule(options: AludelModuleOptions): DynamicModule {
    const { name } = options
    switch (plan.by ?? 'forRoot') {
      case 'forRoot':
        return AludelModule.forRoot(options)
      case 'useFactory':
        return AludelModule.forRootAsync({
          name,
          imports: [FactoryModule],
          inject: [Factory],
          useFactory: (factory: Factory) => factory.createAludelOptions(name),
        })
      case 'useClass':
        return AludelModule.forRootAsync({ name, useClass: Factory })
      case 'useExisting':
        return AludelModule.forRootAsync({ name, imports: [FactoryModule], useExisting: Factory })
      case 'nothing':
        return AludelModule.forRootAsync({ name })
    }
  }

  // The module of the service is imported first, so that only the order of the hooks can put the migrations before it.
  @Module({ providers: [Notes] })
  class NotesModule {}

  @Module({
    imports: [
      NotesModule,
      ...names.map((name) =>
        TypeOrmModule.forRoot({
          ...plan.databases[name],
          ...(name === 'default' ? {} : { name }),
          ...(plan.manual === true ? { manualInitialization: true } : {}),
          retryAttempts: 1,
        }),
      ),
      ...plan.modules.map(aludelModule),
      TerminusModule,
    ],
    controllers: [Health],
  })
  class AppModule {}
  return AppModule
}

/** Starts an application; it fails as the application does. */
async function start(plan: Plan, print: Print, onCreate: (app: INestApplication) => void): Promise<void> {
  const app = await NestFactory.create(rootModule(plan, print), { logger: new Log(print), abortOnError: false })
  onCreate(app)
  await app.listen(0, '127.0.0.1')
  print({ listening: await app.getUrl() })
}

function failure(error: unknown): Line {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return { error: { name, message, ...(isAludelError(error) ? { code: error.code, help: error.help } : {}) } }
}

function alone(plan: Plan): void {
  const print = (line: Line) => void process.stdout.write(JSON.stringify(line) + '\n')
  start(plan, print, (app) => app.enableShutdownHooks()).catch((error: unknown) => {
    print(failure(error))
    // What is open (the pool of the DataSource) would keep the process alive, as in every application that fails to start.
    process.exitCode = 1
    setImmediate(() => process.exit(1))
  })
}

function host(): void {
  const apps = new Map<number, INestApplication>()
  const send = (message: FromHost) => process.send?.(message)
  const close = async (id: number) => {
    await apps.get(id)?.close()
    apps.delete(id)
    send({ id, closed: true })
  }
  process.on('message', ({ id, plan }: ToHost) => {
    if (plan === undefined) return void close(id)
    const print = (line: Line) => send({ id, line })
    start(plan, print, (app) => apps.set(id, app)).catch((error: unknown) => print(failure(error)))
  })
  process.on('disconnect', () => process.exit(0))
}

const [, , what = ''] = process.argv
if (what === 'host') host()
else alone(JSON.parse(what) as Plan)
