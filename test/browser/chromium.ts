import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** Why tests in a browser cannot run here; false where they can. */
export const skipWithoutChromium: string | false = existsSync(executablePath)
  ? false
  : `no Chromium at ${executablePath}: install it, or set CHROMIUM_PATH`

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts the Chromium of this machine, without a window. Close it when done. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS })
}
