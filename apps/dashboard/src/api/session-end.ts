/** One object for both directions: a tab does not hear itself. */
const channel = new BroadcastChannel('pacspace-session')

/** The tabs of a browser share one session: tells the others that it was ended here. */
export function tellSessionEnded(): void {
  channel.postMessage('ended')
}

/** Calls `listener` when another tab has ended the session. Once, for the life of the page. */
export function onSessionEndedElsewhere(listener: () => void): void {
  channel.addEventListener('message', listener)
}
