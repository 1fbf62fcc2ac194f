/** Whether everything that the gateway stands for can do its work. */
export interface Readiness {
  readonly isReady: boolean
  /** Processes that are not ready, by name. */
  readonly notReady: readonly string[]
}

const PROBE_TIMEOUT_MS = 1_500
/** Anybody may ask, so the answer is this old at most, however often they do. */
const ANSWER_AGE_MAX_MS = 100

/** Gives the function that asks every process, all at once. `readyUrls`: by process name. */
export function readinessProbe(
  readyUrls: ReadonlyMap<string, string>,
  now: () => number,
): () => Promise<Readiness> {
  let answer: Promise<Readiness> | undefined
  let askedAt = 0
  return () => {
    if (answer === undefined || now() - askedAt > ANSWER_AGE_MAX_MS) {
      askedAt = now()
      answer = probeAll(readyUrls)
    }
    return answer
  }
}

async function probeAll(readyUrls: ReadonlyMap<string, string>): Promise<Readiness> {
  const probes = [...readyUrls].map(async ([name, url]) => ({ name, isReady: await probe(url) }))
  const notReady = (await Promise.all(probes)).filter(({ isReady }) => !isReady).map(({ name }) => name)
  return { isReady: notReady.length === 0, notReady }
}

async function probe(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
    await answer.body?.cancel()
    return answer.status === 200
  } catch {
    return false // away, or too slow to be of use: either way not ready
  }
}
