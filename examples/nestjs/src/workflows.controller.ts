import { WorkflowState } from '@aludel/models'
import { WorkflowService } from '@aludel/services'
import { Body, Controller, Get, HttpCode, Param, ParseEnumPipe, ParseUUIDPipe, Post, Query } from '@nestjs/common'
import * as v from 'valibot'
import { page } from './page.js'

const NewWorkflow = v.strictObject({
  type: v.string(),
  totalSteps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
})
const Filter = v.object({ ...page, state: v.optional(v.enum(WorkflowState)) })

/** The moves of a workflow that have a route. */
enum Move {
  start = 'start',
  advance = 'advance',
  pause = 'pause',
  resume = 'resume',
  complete = 'complete',
  cancel = 'cancel',
}

/** Workflows: create, move and list. */
@Controller('workflows')
export class WorkflowsController {
  constructor(private readonly workflows: WorkflowService) {}

  @Post()
  create(@Body({ schema: NewWorkflow }) body: v.InferOutput<typeof NewWorkflow>) {
    return this.workflows.create(body)
  }

  @Get()
  list(@Query({ schema: Filter }) query: v.InferOutput<typeof Filter>) {
    return this.workflows.list(query)
  }

  @Get(':id')
  get(@Param('id', ParseUUIDPipe) id: string) {
    return this.workflows.get(id)
  }

  @Post(':id/:move')
  @HttpCode(200)
  move(@Param('id', ParseUUIDPipe) id: string, @Param('move', new ParseEnumPipe(Move)) move: Move) {
    return this.workflows[move](id)
  }
}
