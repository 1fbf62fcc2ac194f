import { Type } from 'typebox'
import { defineEndpoint } from '../endpoint.ts'
import { Strict, Text } from '../field.ts'

const LogId = Strict({ logId: Text({ minLength: 1, maxLength: 64 }) })
const plainText = {
  status: 200,
  data: Type.String(),
  bare: true,
  contentType: 'text/plain; charset=utf-8',
} as const

export const getLogCheckpoint = defineEndpoint({
  id: 'getLogCheckpoint',
  surface: 'public',
  method: 'GET',
  path: '/log/:logId/checkpoint',
  auth: { kind: 'none' },
  summary: 'The newest signed head of a log, as a C2SP tlog-checkpoint.',
  params: LogId,
  success: plainText,
  problems: ['NOT_FOUND'],
})

export const getLogKey = defineEndpoint({
  id: 'getLogKey',
  surface: 'public',
  method: 'GET',
  path: '/log/:logId/key',
  auth: { kind: 'none' },
  summary: 'The public key of a log, as a C2SP verifier key.',
  params: LogId,
  success: plainText,
  problems: ['NOT_FOUND'],
})
