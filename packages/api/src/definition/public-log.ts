import { defineEndpoint } from '../endpoint.ts'
import { Hash, Strict, Text, Whole } from '../field.ts'
import { Type } from '../schema.ts'

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

export const getLogTile = defineEndpoint({
  id: 'getLogTile',
  surface: 'public',
  method: 'GET',
  path: '/log/:logId/tile/:tilePath*',
  auth: { kind: 'none' },
  summary: 'A tile of the hashes or a bundle of the entries of a log, in the layout of C2SP tlog-tiles.',
  params: Strict({
    logId: Text({ minLength: 1, maxLength: 64 }),
    tilePath: Text({
      minLength: 1,
      maxLength: 64,
      description: '`<L>/<N>` or `entries/<N>`, with `.p/<W>` behind for a partial one',
    }),
  }),
  success: {
    status: 200,
    data: Type.Unsafe<Uint8Array>({ type: 'string' }),
    bare: true,
    contentType: 'application/octet-stream',
  },
  problems: ['NOT_FOUND'],
})

export const getLogConsistency = defineEndpoint({
  id: 'getLogConsistency',
  surface: 'public',
  method: 'GET',
  path: '/log/:logId/consistency',
  auth: { kind: 'none' },
  summary: 'The proof that the log of one size is a prefix of the log of another, both verified.',
  params: LogId,
  query: Strict({
    from: Whole({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    to: Type.Optional(Whole({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  }),
  success: {
    status: 200,
    data: Type.Object({
      from: Type.Integer(),
      /** Default: the newest verified size. */
      to: Type.Integer(),
      /** RFC 6962 §2.1.2; empty for equal sizes, and from the empty log, which is a prefix of all. */
      proof: Type.Array(Hash),
    }),
  },
  problems: ['NOT_FOUND'],
})
