import { type WebhookEventType, webhookEventTypes } from '@pacspace/api/webhook-event'

/** What each event tells, for whoever chooses. Null: nothing to choose, since it is sent on demand, or not yet at all. */
const meanings: Readonly<Record<WebhookEventType, string | null>> = {
  'delta.verified': 'a delta is proven',
  'delta.stored': 'a stretch of the log became verified',
  'delta.failed': 'stored data was found damaged',
  'fact.verified': 'a fact is proven',
  'checkpoint.verified': 'a period is locked and proven',
  'verification.completed': 'a write of the Advanced API is proven',
  'verification.failed': 'a write of the Advanced API failed',
  'customer.created': 'a customer has a first delta',
  'usage.threshold': '80 % and 100 % of the plan are used',
  'record.transferred': null,
  'webhook.test': null,
}
const offered = webhookEventTypes.filter((event) => meanings[event] !== null)

/** Null = all events, also those to come. */
export type ChosenEvents = readonly WebhookEventType[] | null

interface EventChoiceProps {
  readonly chosen: ChosenEvents
  readonly onChange: (chosen: ChosenEvents) => void
  readonly error?: string | undefined
}

/** Which events an endpoint gets: all, or those that are ticked. */
export function EventChoice({ chosen, onChange, error }: EventChoiceProps) {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Events</legend>
      <label className="flex min-h-8 items-center gap-2">
        <input type="radio" name="events" checked={chosen === null} onChange={() => onChange(null)} />
        All events
      </label>
      <label className="flex min-h-8 items-center gap-2">
        <input
          type="radio"
          name="events"
          checked={chosen !== null}
          onChange={() => onChange(['delta.verified'])}
        />
        Only some
      </label>
      {chosen !== null && (
        <div className="mt-1 ml-6 grid">
          {offered.map((event) => (
            <label key={event} className="flex min-h-8 items-center gap-2 text-[13px]">
              <input
                type="checkbox"
                checked={chosen.includes(event)}
                onChange={({ target }) =>
                  onChange(offered.filter((one) => (one === event ? target.checked : chosen.includes(one))))
                }
              />
              <span>
                <code className="numeric">{event}</code>{' '}
                <span className="text-ink-soft">{meanings[event]}</span>
              </span>
            </label>
          ))}
        </div>
      )}
      {error !== undefined && <p className="mt-1 text-[13px] text-failed">{error}</p>}
    </fieldset>
  )
}

/** What a list of events is in the choice: a full one is "all". */
export function choiceOf(events: readonly WebhookEventType[]): ChosenEvents {
  return events.length === webhookEventTypes.length ? null : events
}

/** A list of events in few words. */
export function eventsText(events: readonly WebhookEventType[]): string {
  if (choiceOf(events) === null) return 'All events'
  return events.length > 2
    ? `${events.slice(0, 2).join(', ')} and ${events.length - 2} more`
    : events.join(', ')
}
