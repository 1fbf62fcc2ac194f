import { useState } from 'react'
import { Time } from '../Time.tsx'
import { knownKeysOf } from './known-log-keys.ts'

/** Whether this browser has met a log's key before: a server that shows another one later is noticed. */
export function LogKeyNote({ publicKey }: { readonly publicKey: string }) {
  // As it was when the page was opened: verifying makes the key known.
  const [known] = useState(() => knownKeysOf(publicKey.split('+')[0] ?? ''))
  const [first] = known
  if (first === undefined) {
    return <p>This browser meets the log’s key for the first time, and remembers it.</p>
  }
  const same = known.find(({ key }) => key === publicKey)
  if (same !== undefined) {
    return (
      <p>
        This browser knows the log’s key since <Time iso={same.since} exact />.
      </p>
    )
  }
  return (
    <p className="font-medium text-failed">
      The log signs with another key than this browser knows since <Time iso={first.since} exact />. Keys are
      rotated; ask whoever runs this PacSpace whether this one was.
    </p>
  )
}
