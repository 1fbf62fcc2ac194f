import type { verifyRoot } from '@pacspace/api/definition/verify'
import type { EndpointData } from '@pacspace/api/endpoint'

type Answer = EndpointData<typeof verifyRoot>

/** What one source says of a root that it knows, or of which it cannot tell. */
export interface RootFinding
  extends Pick<Answer, 'verified' | 'message' | 'recordedAt' | 'summary' | 'records' | 'discrepancies'>,
    Pick<Answer['verification'], 'logCheckpoint' | 'anchors' | 'proof'> {
  /** Of the log that commits to it; null where the source cannot tell. */
  readonly logId: string | null
  readonly logIndex: number | null
}
