import { defineEndpoint } from '../endpoint.ts'
import { Strict, Text } from '../field.ts'
import { Type } from '../schema.ts'
import { emitted } from './ledger.ts'

/** `data` of a `delta.verified` event of the stream. */
export const StreamedDelta = Type.Object(emitted)

export const streamDeltas = defineEndpoint({
  id: 'streamDeltas',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/stream',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'Your verified deltas in log order, as server-sent events; goes on where `Last-Event-ID` says.',
  query: Strict({
    after: Type.Optional(
      Text({
        minLength: 1,
        maxLength: 32,
        description:
          'An anchorId: begin behind it; `start`: at the beginning. Default: what is verified from now on. `Last-Event-ID` goes before it.',
      }),
    ),
    follow: Type.Optional(
      Type.Boolean({ default: true, description: 'False: end once all that is verified has been sent' }),
    ),
  }),
  success: {
    status: 200,
    data: Type.String(),
    bare: true,
    contentType: 'text/event-stream; charset=utf-8',
  },
  problems: [],
})
