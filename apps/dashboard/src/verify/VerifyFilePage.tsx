import { useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { knownKeysOf, rememberLogKey } from '../ui/proof/known-log-keys.ts'
import { ProofView } from '../ui/proof/ProofView.tsx'
import { originOf, type ProofRun } from '../ui/proof/run-proof.ts'
import { FileDrop } from './FileDrop.tsx'
import { KeyQuestion, type TrustedKey } from './KeyQuestion.tsx'
import { keysOfFragment } from './keys-of-fragment.ts'
import { PublicFrame } from './PublicFrame.tsx'
import type { ProofInput } from './proof-input.ts'
import { RootForm } from './RootForm.tsx'

/** What was chosen, under what name, and as the how many-eth: each is judged by a view of its own. */
interface Chosen {
  readonly input: ProofInput
  readonly name: string
  readonly turn: number
}

/**
 * For anybody: a proof file, verified by the browser alone. Nothing is asked of any server while it verifies, so it works without a
 * connection. Keys come from the link that led here, from what this browser remembers, or from whom the visitor trusts.
 */
export function VerifyFilePage() {
  const [chosen, setChosen] = useState<Chosen>()
  return (
    <PublicFrame
      title="Verify a proof file"
      about="Your browser recomputes every step. The file does not leave this device, and no server is asked: it works without a connection too."
    >
      {chosen === undefined ? (
        <>
          <FileDrop onChosen={(input, name) => setChosen({ input, name, turn: 1 })} />
          <RootForm />
        </>
      ) : (
        <>
          <Card>
            <div className="flex flex-wrap items-center justify-between gap-3">
              <p>
                <span className="text-ink-soft">File </span>
                <strong className="font-medium break-all">{chosen.name}</strong>
              </p>
              <Button onClick={() => setChosen(undefined)}>Choose another file</Button>
            </div>
          </Card>
          <Judged key={chosen.turn} input={chosen.input} />
        </>
      )}
    </PublicFrame>
  )
}

function Judged({ input }: { readonly input: ProofInput }) {
  const origin = originOf(input.text)
  const [keys, setKeys] = useState<readonly TrustedKey[]>(() => [
    ...knownKeysOf(origin ?? '').map(({ key }): TrustedKey => ({ key, from: 'memory' })),
    ...keysOfFragment(window.location.hash).map((key): TrustedKey => ({ key, from: 'link' })),
  ])
  const [outcome, setOutcome] = useState<ProofRun['outcome']>()
  const ofThisLog = keys.filter(({ key }) => key.startsWith(`${origin}+`))
  const done = (run: ProofRun) => {
    setOutcome(run.outcome)
    if (run.outcome !== 'verified') return
    for (const { key, from } of ofThisLog) {
      if (isRemembered[from]) rememberLogKey(key, new Date().toISOString())
    }
  }
  const trust = (key: TrustedKey) => {
    setOutcome(undefined)
    setKeys([...keys, key])
  }
  return (
    <ProofView
      key={keys.length}
      isAutomatic
      question={{ text: input.text, logKeys: keys.map(({ key }) => key), claims: input.claims }}
      onDone={done}
      note={ofThisLog[0] !== undefined && <p>{keyWords[ofThisLog[0].from]}</p>}
    >
      {outcome === 'keyless' && origin !== undefined && (
        <KeyQuestion origin={origin} keyInFile={input.keyInFile} onTrust={trust} />
      )}
    </ProofView>
  )
}

/** What a key from each place is worth, in words. */
const keyWords: Readonly<Record<TrustedKey['from'], string>> = {
  memory: 'The log’s key is one that this browser has verified something with before.',
  link: 'The log’s key came with the link that led here: whoever gave it vouches for it.',
  server: 'This server named the log’s key when you asked; this browser remembers it.',
  visitor: 'You gave the log’s key; this browser remembers it.',
  file: 'The log’s key came in the file itself: the file agrees with itself, and nothing says who made it.',
}

/** A link or a file must not teach this browser whom to trust the next time. */
const isRemembered: Readonly<Record<TrustedKey['from'], boolean>> = {
  memory: false,
  link: false,
  server: true,
  visitor: true,
  file: false,
}
