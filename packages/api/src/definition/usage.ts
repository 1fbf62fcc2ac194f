import { defineEndpoint } from '../endpoint.ts'
import { Nullable } from '../field.ts'
import { TierName } from '../plan.ts'
import { Type } from '../schema.ts'

export const getUsage = defineEndpoint({
  id: 'getUsage',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/usage',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'How much of the plan is used in this environment, and whether a write would be accepted now.',
  success: {
    status: 200,
    data: Type.Object({
      allowed: Type.Boolean({ description: 'Would a write be accepted now?' }),
      included: Nullable(
        Type.Integer({
          description: 'Verified deltas that the plan includes each month (Free: for life); null by contract',
        }),
      ),
      remaining: Nullable(
        Type.Integer({ description: 'Of those, neither consumed nor reserved; null by contract' }),
      ),
      consumed: Type.Integer({ description: 'Verified deltas of this period (Free: of all time)' }),
      reserved: Type.Integer({ description: 'Accepted, not verified yet' }),
      period: Type.String({ description: 'The running month, YYYY-MM, UTC' }),
      plan: TierName,
    }),
  },
  problems: [],
})
