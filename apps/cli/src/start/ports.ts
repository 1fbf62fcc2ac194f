import { isPortFree } from '@pacspace/service/embedded-postgres/free-port'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { StartError } from './start-error.ts'

/**
 * Where each process listens, as an offset from PORT. Public ports first; a private port carries health, metrics and
 * (planes) the internal API, and is never forwarded.
 */
const offsets = {
  gateway: 0,
  sandbox: 1,
  production: 2,
  control: 3,
  gatewayPrivate: 10,
  sandboxPrivate: 11,
  productionPrivate: 12,
  controlPrivate: 13,
  sandboxWorkerPrivate: 21,
  productionWorkerPrivate: 22,
} as const

export type PortName = keyof typeof offsets

/** A TCP port for everything that listens. */
export type Ports = Readonly<Record<PortName, number>>

const portNames = Object.keys(offsets) as PortName[] // keys of the literal above
const highestOffset = Math.max(...Object.values(offsets))

/** The largest PORT whose last offset is still a port. */
export const BASE_PORT_MAX = 65_535 - highestOffset

/**
 * Free bases are looked for here: below the range from which systems take the near end of outgoing connections
 * (Linux: 32768), so that no connection of a neighbour takes a port between our look and our listening.
 */
const freeBases = { first: 10_000, last: 32_000, step: 32 }
const freeBaseAttemptsMax = 50

/** How long the processes of a killed supervisor may take to leave their ports; they leave within 5 s. */
const leaveTimeoutMs = 10_000

/** The ports that follow from the gateway's. */
export function portsFrom(basePort: number): Ports {
  return Object.fromEntries(portNames.map((name) => [name, basePort + offsets[name]])) as Ports // one entry per name
}

/** Ports from a random base at which all of them are free at this moment. */
export async function freePorts(random: () => number = Math.random): Promise<Ports> {
  const bases = (freeBases.last - freeBases.first) / freeBases.step
  for (let attempt = 0; attempt < freeBaseAttemptsMax; attempt++) {
    const ports = portsFrom(freeBases.first + Math.floor(random() * bases) * freeBases.step)
    if ((await takenPorts(ports)).length === 0) return ports
  }
  throw new StartError(
    'No free range of ports was found on 127.0.0.1. Set PORT to one that you know to be free.',
  )
}

/**
 * Refuses to go on while any of the ports is taken, naming each with the setting that moves it.
 * `isLeaving`: a killed supervisor's processes may still be on their way out, so they are waited for.
 */
export async function requireFree(ports: Ports, isLeaving: boolean): Promise<void> {
  let taken = await takenPorts(ports)
  if (taken.length > 0 && isLeaving) {
    await waitUntil(async () => {
      taken = await takenPorts(ports)
      return taken.length === 0
    }, leaveTimeoutMs)
  }
  if (taken.length === 0) return
  const list = taken.map(
    (name) => `  ${ports[name]}  ${name}, PORT${offsets[name] === 0 ? '' : ` + ${offsets[name]}`}`,
  )
  throw new StartError(
    `${taken.length === 1 ? 'A port is' : 'Ports are'} taken by another program:\n${list.join('\n')}\n` +
      `Stop that program, or set PORT to another number (it is ${ports.gateway}; PORT=0 looks for free ports).`,
  )
}

async function takenPorts(ports: Ports): Promise<PortName[]> {
  const isFree = await Promise.all(portNames.map((name) => isPortFree(ports[name])))
  return portNames.filter((_, i) => !isFree[i])
}
