import assert from 'node:assert/strict'
import { it } from 'node:test'
import { controlPlaneEndpoints, dataPlaneEndpoints, planeInternalEndpoints } from '@pacspace/api/endpoints'
import { createLog, secretFields, secretHeaders } from './log.ts'

function logged(fields: object): Record<string, unknown> {
  let line = ''
  const log = createLog({ service: 'test', destination: { write: (text) => (line += text) } })
  log.info(fields, 'message')
  return JSON.parse(line)
}

/** Names of all fields that a schema marks `x-secret`, at any depth. */
function secretNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([name, value]) => {
    const isSecret = typeof value === 'object' && value !== null && 'x-secret' in value
    return [...(isSecret ? [name] : []), ...secretNames(value)]
  })
}

it('K17 a line is JSON with UTC time, level word and service', () => {
  const line = logged({ requestId: 'req_1', tenantId: 'tnt_1' })
  assert.match(String(line.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const { time: _time, ...rest } = line
  assert.deepEqual(rest, {
    level: 'info',
    service: 'test',
    requestId: 'req_1',
    tenantId: 'tnt_1',
    msg: 'message',
  })
})

it('K17 every field that a definition marks secret is redacted', () => {
  const all = [...controlPlaneEndpoints, ...dataPlaneEndpoints, ...planeInternalEndpoints]
  const marked = new Set(all.flatMap(({ body, query, success }) => secretNames([body, query, success.data])))
  assert.ok(marked.has('password') && marked.has('fullKey'))
  assert.deepEqual(
    [...marked].filter((name) => !secretFields.includes(name)),
    [],
  )
})

it('secrets are redacted at the top, in one object and in two', () => {
  for (const name of [...secretFields, ...secretHeaders]) {
    const line = JSON.stringify(
      logged({ [name]: 'S3CRET', a: { [name]: 'S3CRET', b: { [name]: 'S3CRET', keep: 1 } } }),
    )
    assert.doesNotMatch(line, /S3CRET/, name)
    assert.match(line, /"keep":1/)
  }
})

it('an error is written with its causes', () => {
  const { err } = logged({ err: new Error('outer', { cause: new Error('inner') }) })
  assert.match(JSON.stringify(err), /outer.*inner/)
})
