import { useEffect, useState } from 'react'

const STEP_MS_MAX = 140
const WHOLE_MS_MAX = 2_600

/**
 * How many of `count` steps are shown as taken: one after the other from the moment that `startedAt` is set, all at once for
 * people who want less motion. Undefined = not started, none.
 */
export function useReveal(count: number, startedAt: number | undefined): number {
  const [shown, setShown] = useState(0)
  useEffect(() => {
    if (startedAt === undefined) return
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      setShown(count)
      return
    }
    setShown(0)
    const stepMs = Math.min(STEP_MS_MAX, WHOLE_MS_MAX / count)
    const timer = setInterval(() => {
      const due = Math.floor((performance.now() - startedAt) / stepMs)
      setShown(Math.min(due, count))
      if (due >= count) clearInterval(timer)
    }, stepMs)
    return () => clearInterval(timer)
  }, [count, startedAt])
  return startedAt === undefined ? 0 : shown
}
