import { setTimeout as delay } from 'node:timers/promises'
import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import type { BenchPlane } from './bench-plane.ts'

const SAMPLES_PER_SECOND = 10
const POLL_MS = 10

/**
 * Measures emit → VERIFIED as a customer sees it, beside whatever load is running: ten emits a second, each asked for
 * its status every 10 ms. Gives milliseconds from each 201 to the first answer that says VERIFIED.
 */
export async function sampleVerification(bench: BenchPlane, key: string, seconds: number): Promise<number[]> {
  const { balance } = new PacSpace({
    apiKey: key,
    baseUrl: `http://${bench.host}:${bench.port}`,
    maxRetries: 0,
  })
  const sample = async (index: number): Promise<number> => {
    await delay((index * 1_000) / SAMPLES_PER_SECOND)
    const { recordId } = await balance.emit(`sample_${index % 100}`, 1, 'sample')
    const acknowledgedAt = performance.now()
    for (;;) {
      const { status } = await balance.deltaStatus(recordId)
      const tookMs = performance.now() - acknowledgedAt
      if (status === 'VERIFIED') return tookMs
      if (status === 'FAILED') throw new Error(`${recordId} failed`)
      await delay(POLL_MS)
    }
  }
  return await Promise.all(Array.from({ length: seconds * SAMPLES_PER_SECOND }, (_, index) => sample(index)))
}
