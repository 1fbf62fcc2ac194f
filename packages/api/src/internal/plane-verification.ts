import { VerificationFigures, verificationFilter } from '../definition/ledger-views.ts'
import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Strict } from '../field.ts'

/** What the Dashboard API says of verification: how many deltas each day, and how long they took. */
export const getPlaneVerification = defineEndpoint({
  id: 'getPlaneVerification',
  surface: 'internal',
  method: 'GET',
  path: '/internal/tenants/:tenantId/verification',
  auth: { kind: 'internal' },
  summary: 'Verified and pending deltas of a tenant by day, and how long verification took.',
  params: Strict({ tenantId: IdOf('tnt') }),
  query: verificationFilter,
  success: { status: 200, data: VerificationFigures },
  problems: ['CONTRACT_NOT_DEPLOYED'],
})
