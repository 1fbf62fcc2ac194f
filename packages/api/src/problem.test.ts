import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { describe, it } from 'node:test'
import { Problem, problemCodes, problems, validationProblem } from './problem.ts'

describe('the registry of problems', () => {
  it('statuses are those of product.md §2, and only 429 and 5xx are worth the same call again', () => {
    for (const code of problemCodes) {
      const { status, retry } = problems[code]
      assert.ok(status in STATUS_CODES && status >= 400, code)
      assert.equal(retry === 'later', status === 429 || status >= 500, code)
    }
  })

  it('published texts stand as published', () => {
    assert.equal(problems.INVALID_API_KEY.message, 'Invalid API key')
    assert.equal(problems.API_KEY_DISABLED.message, 'API key disabled')
    assert.equal(problems.TOKEN_EXPIRED.message, 'JWT expired')
    assert.equal(
      problems.CONTRACT_NOT_DEPLOYED.message,
      'No contract deployed. Provision an environment first.',
    )
  })

  it('a problem speaks the text of the registry unless it is given a better one', () => {
    assert.equal(new Problem('NOT_FOUND').message, 'Not found')
    assert.equal(new Problem('NOT_FOUND').status, 404)
    const cause = new Error('inner')
    const problem = new Problem('NOT_FOUND', { message: 'No record found for key: K', cause })
    assert.equal(problem.message, 'No record found for key: K')
    assert.equal(problem.cause, cause)
  })

  it('a refused field is named in text and detail', () => {
    const { message, options } = validationProblem('/adjusts/recordId', 'is too long')
    assert.equal(message, 'Validation failed: adjusts.recordId is too long')
    assert.deepEqual(options.details, [{ path: '/adjusts/recordId', message: 'is too long' }])
  })
})
