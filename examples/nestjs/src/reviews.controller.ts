import { RecommendationStatus, ValidationStatus } from '@aludel/models'
import { AuditLogService, RecommendationService, ValidationService } from '@aludel/services'
import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common'
import * as v from 'valibot'
import { page } from './page.js'

const NewValidation = v.strictObject({
  filePath: v.string(),
  content: v.optional(v.string()),
  status: v.optional(v.enum(ValidationStatus)),
  results: v.optional(v.array(v.record(v.string(), v.string()))),
})
const NewRecommendation = v.strictObject({
  type: v.string(),
  title: v.string(),
  description: v.optional(v.string()),
  proposedContent: v.optional(v.string()),
  actor: v.string(),
})
const Review = v.strictObject({ actor: v.string(), notes: v.optional(v.string()) })
const Filter = v.object({ ...page, status: v.optional(v.enum(RecommendationStatus)) })
const Page = v.object(page)

/** Results of validations, the recommendations that follow from them, and their review by a person. */
@Controller()
export class ReviewsController {
  constructor(
    private readonly validations: ValidationService,
    private readonly recommendations: RecommendationService,
    private readonly audit: AuditLogService,
  ) {}

  @Post('validations')
  record(@Body({ schema: NewValidation }) body: v.InferOutput<typeof NewValidation>) {
    return this.validations.record(body)
  }

  @Post('validations/:id/recommendations')
  propose(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: NewRecommendation }) { actor, ...content }: v.InferOutput<typeof NewRecommendation>,
  ) {
    return this.recommendations.propose(id, content, { actor })
  }

  @Get('recommendations')
  list(@Query({ schema: Filter }) query: v.InferOutput<typeof Filter>) {
    return this.recommendations.list(query)
  }

  // Of two reviewers at once, one gets the recommendation, and the other one 409 with the name of the first.
  @Post('recommendations/:id/approve')
  @HttpCode(200)
  approve(@Param('id', ParseUUIDPipe) id: string, @Body({ schema: Review }) body: v.InferOutput<typeof Review>) {
    return this.recommendations.approve(id, body)
  }

  @Post('recommendations/:id/reject')
  @HttpCode(200)
  reject(@Param('id', ParseUUIDPipe) id: string, @Body({ schema: Review }) body: v.InferOutput<typeof Review>) {
    return this.recommendations.reject(id, body)
  }

  @Get('recommendations/:id/audit')
  history(@Param('id', ParseUUIDPipe) id: string, @Query({ schema: Page }) query: v.InferOutput<typeof Page>) {
    return this.audit.find({ recommendationId: id, ...query })
  }
}
