import { AludelHealthIndicator } from '@aludel/nestjs'
import { Controller, Get } from '@nestjs/common'
import { HealthCheck, HealthCheckService } from '@nestjs/terminus'

/** What an orchestrator asks. */
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly migrations: AludelHealthIndicator,
  ) {}

  /** Whether the process works. It asks no database: restarting a process does not mend one. */
  @Get('live')
  live() {
    return { status: 'ok' }
  }

  /** Whether it may get requests: only if every revision that it knows is applied. */
  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.migrations.isAtHead('migrations')])
  }
}
