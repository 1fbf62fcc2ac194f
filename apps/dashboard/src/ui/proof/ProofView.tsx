import { ShieldCheck } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { Button } from '../Button.tsx'
import { ErrorState, Skeleton } from '../States.tsx'
import { canCheckSignatures } from './can-check-signatures.ts'
import { OutcomeCard } from './OutcomeCard.tsx'
import { ProofDrawing } from './ProofDrawing.tsx'
import { ProofList } from './ProofList.tsx'
import type { ProofStation } from './proof-stations.ts'
import { type ProofQuestion, type ProofRun, runProof } from './run-proof.ts'
import { StationDetails } from './StationDetails.tsx'
import type { ShownState } from './StationGlyph.tsx'
import { useReveal } from './use-reveal.ts'

export interface ProofViewProps {
  /** Give the view a `key` that changes with it: what was verified is shown of one question only. */
  readonly question: ProofQuestion
  /** Verifies at once, where choosing a file was the request. Default: the button is. */
  readonly isAutomatic?: boolean
  /** Told once everything is lit. */
  readonly onDone?: ((run: ProofRun) => void) | undefined
  /** Stands beside the button: what else can be done with the proof. */
  readonly actions?: ReactNode
  /** Said under a verified outcome, where there is more to say about the key. */
  readonly note?: ReactNode
  /** Stands between what came of it and the drawing: what is to be done next. */
  readonly children?: ReactNode
}

/** A proof, drawn, and verified by this browser when asked to: step by step, with nothing but the file and the key. */
export function ProofView({
  question,
  isAutomatic = false,
  onDone,
  actions,
  note,
  children,
}: ProofViewProps) {
  const [run, setRun] = useState<ProofRun>()
  const [startedAt, setStartedAt] = useState<number>()
  const [cannot, setCannot] = useState(false)
  const count = run?.stations.length ?? 0
  const lit = useReveal(count, startedAt)
  const isDone = run !== undefined && startedAt !== undefined && lit >= count
  const start = async () => {
    if (!(await canCheckSignatures())) return setCannot(true)
    setRun(await runProof(question))
    setStartedAt(performance.now())
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the question that this view was made for
  useEffect(() => {
    // What is drawn before the button is pressed is the path alone; nothing of it counts as verified.
    void (isAutomatic ? start() : runProof(question).then(setRun))
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: when it is done, not when somebody is told something else
  useEffect(() => {
    if (isDone) onDone?.(run)
  }, [isDone])
  if (cannot) {
    return (
      <ErrorState message="This browser cannot check Ed25519 signatures, so it cannot judge a proof. Open this page in a newer browser and over HTTPS, or run pacspace verify." />
    )
  }
  if (run === undefined) return <Skeleton lines={8} label="Loading the proof" />
  return (
    <div className="grid grid-cols-1 gap-4">
      <OutcomeCard run={isDone ? run : undefined} isRunning={startedAt !== undefined} note={note}>
        <Button
          look={startedAt === undefined ? 'primary' : 'secondary'}
          icon={<ShieldCheck size={16} aria-hidden />}
          isBusy={startedAt !== undefined && !isDone}
          onClick={() => void start()}
        >
          {isDone ? 'Verify again' : 'Verify in this browser'}
        </Button>
        {actions}
      </OutcomeCard>
      {children}
      <ProofSteps run={run} lit={startedAt === undefined ? 0 : lit} isDone={isDone} />
    </div>
  )
}

interface ProofStepsProps {
  readonly run: ProofRun
  readonly lit: number
  readonly isDone: boolean
}

function ProofSteps({ run, lit, isDone }: ProofStepsProps) {
  const [chosen, setChosen] = useState<string>()
  const [isList, setList] = useState(false)
  const [isUnfolded, setUnfolded] = useState(false)
  const { stations } = run
  const shownState = (station: ProofStation, index: number) => stateOf(station, index, lit, run, isDone)
  const broken = stations.findIndex(({ state }) => state === 'broken' || state === 'keyless')
  const index = indexOf(stations, chosen, broken < lit ? broken : -1)
  const station = stations[index]
  return (
    <div className="@container">
      <div className="mb-2 flex justify-end">
        <button type="button" className="text-[13px] text-accent underline" onClick={() => setList(!isList)}>
          {isList ? 'Show as a drawing' : 'Show as a list'}
        </button>
      </div>
      {isList ? (
        <ProofList stations={stations} shownState={shownState} />
      ) : (
        <div className="grid grid-cols-1 items-start gap-4 @min-[720px]:grid-cols-[minmax(320px,440px)_minmax(0,1fr)]">
          <ProofDrawing
            stations={stations}
            shownState={shownState}
            selected={station?.key}
            onSelect={setChosen}
            isUnfolded={isUnfolded}
            onUnfold={() => setUnfolded(true)}
          />
          {station !== undefined && (
            // In sight of whatever step is chosen, and never over more than a part of a phone.
            <div className="sticky bottom-2 max-h-[42vh] overflow-y-auto shadow-float @min-[720px]:top-20 @min-[720px]:bottom-auto @min-[720px]:max-h-none @min-[720px]:shadow-none">
              <StationDetails station={station} state={shownState(station, index)} />
            </div>
          )}
        </div>
      )}
    </div>
  )
}

/** What was chosen, else where it broke, else the record. */
function indexOf(stations: readonly ProofStation[], chosen: string | undefined, broken: number): number {
  const at = stations.findIndex(({ key }) => key === chosen)
  if (at >= 0) return at
  if (broken >= 0) return broken
  return Math.max(
    0,
    stations.findIndex(({ title }) => title === 'Record'),
  )
}

/** Steps that hold are verified only when the whole is: until then they are computed, and that is all that is known. */
function stateOf(
  station: ProofStation,
  index: number,
  lit: number,
  run: ProofRun,
  isDone: boolean,
): ShownState {
  if (index >= lit) return 'waiting'
  if (station.state !== 'holds') return station.state
  return isDone && run.outcome === 'verified' ? 'verified' : 'computed'
}
