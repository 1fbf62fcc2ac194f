import { Problem } from '@pacspace/api/problem'

/** The problem that an error of Fastify's own is; undefined for all other errors. */
export function problemOfFramework(error: unknown): Problem | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'FST_ERR_BAD_URL':
      return invalid('the path is not valid percent-encoded UTF-8', error)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem('UNSUPPORTED_MEDIA_TYPE', { cause: error })
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem('PAYLOAD_TOO_LARGE', { cause: error })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalid('the body is not complete', error)
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Problem('NOT_FOUND', { cause: error })
    default:
      return undefined
  }
}

function invalid(text: string, cause: unknown): Problem {
  return new Problem('VALIDATION_ERROR', { message: `Validation failed: ${text}`, cause })
}
