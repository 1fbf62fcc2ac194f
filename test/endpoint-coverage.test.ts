import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { commonProblems, type EndpointShape, problemsOf } from '@pacspace/api/endpoint'
import {
  controlPlaneEndpoints,
  dataPlaneEndpoints,
  ledgerViewEndpoints,
  planeInternalEndpoints,
} from '@pacspace/api/endpoints'
import { coverageDirVariable, recordedOutcomes } from '@pacspace/testing/coverage-record'

/**
 * Coverage by enumeration: every endpoint must have been seen, in this very run, to answer its success and each refusal
 * that it declares, each answer checked against its definition. Run by `npm test` after all other tests.
 * What is not covered yet stands in `uncovered-outcomes.txt`, a list that may only get shorter.
 */
const EXCEPTIONS = 'uncovered-outcomes.txt'

const dir = process.env[coverageDirVariable]
const skip = dir ? false : 'only a run of all tests knows what was covered'

const endpoints: readonly EndpointShape[] = [
  ...controlPlaneEndpoints,
  ...dataPlaneEndpoints,
  ...planeInternalEndpoints,
]
const declared = endpoints.flatMap((endpoint) =>
  ['success', ...refusalsOf(endpoint)].map((outcome) => `${endpoint.id} ${outcome}`),
)

/**
 * The handler of a ledger view is its original's, of which every refusal is demanded: of the view only what lies before
 * that handler.
 */
function refusalsOf(endpoint: EndpointShape) {
  if (!ledgerViewEndpoints.includes(endpoint)) return problemsOf(endpoint)
  return [...commonProblems(endpoint), 'CONTRACT_NOT_DEPLOYED']
}

const exceptions = readFileSync(join(import.meta.dirname, EXCEPTIONS), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

describe('every endpoint × outcome', () => {
  it('was seen in this run', { skip }, () => {
    const seen = recordedOutcomes(dir ?? '')
    const missing = declared.filter((line) => !seen.has(line) && !exceptions.includes(line))
    assert.deepEqual(missing, [], 'write a test that provokes each of these')
  })

  it('that is excepted is not covered in fact', { skip }, () => {
    const seen = recordedOutcomes(dir ?? '')
    const covered = exceptions.filter((line) => seen.has(line))
    assert.deepEqual(covered, [], `these are covered now: delete them from test/${EXCEPTIONS}`)
  })

  it('that is excepted exists, once', () => {
    const unknown = exceptions.filter((line, i) => !declared.includes(line) || exceptions.indexOf(line) !== i)
    assert.deepEqual(unknown, [], `delete these from test/${EXCEPTIONS}`)
  })
})
