import { CodedError } from '@aludel/services'
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'

const statuses: Readonly<Record<string, number>> = {
  ALUDEL_INVALID_VALUE: 400,
  ALUDEL_NOT_FOUND: 404,
  ALUDEL_WRONG_STATE: 409,
}

/** Answers the errors of the services with a status of their own. */
@Catch(CodedError)
export class ServiceErrorFilter extends BaseExceptionFilter implements ExceptionFilter<CodedError> {
  override catch(error: CodedError, host: ArgumentsHost): void {
    const status = statuses[error.code]
    if (status === undefined) return super.catch(error, host)
    super.catch(new HttpException({ code: error.code, message: error.message }, status), host)
  }
}
