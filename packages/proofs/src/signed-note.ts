/**
 * Signed notes: C2SP signed-note. Text, an empty line, then signature lines `— <name> base64(key ID ‖ signature)`.
 *
 * Signing stays outside: the holder of a private key signs `noteMessage(body)` and calls `assembleNote`. A note's
 * text means nothing before a trusted key's signature over it was verified.
 */
import { fromBase64, toBase64 } from './base64.ts'
import { concatBytes, utf8Bytes } from './bytes.ts'
import { cosignatureMessage, decodeTimestampedSignature } from './cosignature.ts'
import { type VerifyEd25519, verifyEd25519 } from './ed25519.ts'
import { ProofError } from './proof-error.ts'
import { isKeyName, isSameKey, SIGNATURE_TYPES, type VerifierKey } from './verifier-key.ts'

export interface NoteSignature {
  readonly name: string
  /** 4 bytes. */
  readonly keyId: Uint8Array
  /** What follows the key ID: 64 bytes for a log, 72 (`timestamped_signature`) for a witness. */
  readonly signature: Uint8Array
}

/** A note taken apart, not yet verified. */
export interface Note {
  /** The text, its last newline included. */
  readonly body: string
  readonly signatures: readonly NoteSignature[]
}

/** A signature of a known key, checked. */
export interface CheckedSignature {
  readonly key: VerifierKey
  readonly valid: boolean
  /** POSIX seconds; cosignatures only. */
  readonly timestamp?: number
}

/** "Verifiers SHOULD apply a maximum limit … but MUST accept at least up to 16 signatures." */
export const NOTE_SIGNATURES_MAX = 64
/** Characters; room for 64 post-quantum cosignatures of nearly 5 kB. */
export const NOTE_LENGTH_MAX = 1_048_576

const SIGNATURE_PREFIX = '— '
const SIGNATURE_LINE = /^— ([^ ]+) ([^ ]+)$/
const KEY_ID_BYTES = 4
/** "MUST NOT contain any ASCII control characters (those below U+0020) other than newline." */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be found
const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f]/

/** The bytes that an Ed25519 key (type 0x01) signs: the note text, its last newline included. */
export function noteMessage(body: string): Uint8Array {
  return utf8Bytes(body)
}

/** The signature line's content for a key that signed. */
export function noteSignature(key: VerifierKey, signature: Uint8Array): NoteSignature {
  return { name: key.name, keyId: key.keyId, signature }
}

/** The note as text, signatures in the order given. Throws `MALFORMED` if `parseNote` would refuse it. */
export function assembleNote(body: string, signatures: readonly NoteSignature[]): string {
  const lines = signatures.map(
    ({ name, keyId, signature }) => `${SIGNATURE_PREFIX}${name} ${toBase64(concatBytes(keyId, signature))}\n`,
  )
  const text = `${body}\n${lines.join('')}`
  const note = parseNote(text)
  if (note.body !== body || note.signatures.length !== signatures.length) {
    throw new ProofError('MALFORMED', 'the text does not end in a newline, or a name holds one')
  }
  return text
}

/** Takes a note apart. Attacker-controlled; strict. Throws `MALFORMED`. Says nothing about who signed. */
export function parseNote(text: string): Note {
  if (text.length > NOTE_LENGTH_MAX) throw new ProofError('MALFORMED', 'the note is too long')
  if (!text.isWellFormed() || CONTROL_CHARACTER.test(text)) {
    throw new ProofError('MALFORMED', 'a note is Unicode text without control characters')
  }
  // "the text is separated from the signatures by the last empty line in the note"
  const blankLine = text.lastIndexOf('\n\n')
  if (blankLine < 0 || !text.endsWith('\n'))
    throw new ProofError('MALFORMED', 'no signatures after an empty line')
  const lines = text.slice(blankLine + 2, -1).split('\n')
  if (lines.length > NOTE_SIGNATURES_MAX) throw new ProofError('MALFORMED', 'too many signatures')
  return { body: text.slice(0, blankLine + 1), signatures: lines.map(parseSignatureLine) }
}

/**
 * Checks each signature that a known key made, in the note's order; those of unknown keys are ignored, as signed-note
 * demands. An empty answer means that no known key signed.
 */
export async function checkSignatures(
  note: Note,
  keys: readonly VerifierKey[],
  verify: VerifyEd25519 = verifyEd25519,
): Promise<readonly CheckedSignature[]> {
  const checked: CheckedSignature[] = []
  for (const signature of note.signatures) {
    const key = keys.find((known) => isSameKey(known, signature))
    if (key !== undefined) checked.push(await checkSignature(note.body, key, signature.signature, verify))
  }
  return checked
}

/**
 * Parses and verifies a note; gives its body and the signatures that count. Throws `MALFORMED`, or `UNTRUSTED` if no
 * known key signed, or if any known key's signature is wrong ("clients SHOULD reject the whole note").
 */
export async function verifyNote(
  text: string,
  keys: readonly VerifierKey[],
  verify: VerifyEd25519 = verifyEd25519,
): Promise<{ readonly body: string; readonly signatures: readonly CheckedSignature[] }> {
  const note = parseNote(text)
  const signatures = await checkSignatures(note, keys, verify)
  const wrong = signatures.find(({ valid }) => !valid)
  if (wrong !== undefined) throw new ProofError('UNTRUSTED', `the signature of ${wrong.key.name} is wrong`)
  if (signatures.length === 0) throw new ProofError('UNTRUSTED', 'no trusted key signed the note')
  return { body: note.body, signatures }
}

async function checkSignature(
  body: string,
  key: VerifierKey,
  signature: Uint8Array,
  verify: VerifyEd25519,
): Promise<CheckedSignature> {
  if (key.type === SIGNATURE_TYPES.ed25519) {
    return { key, valid: await verify(key.publicKey, noteMessage(body), signature) }
  }
  const stamped = decodeTimestampedSignature(signature)
  if (stamped === undefined) return { key, valid: false }
  const message = cosignatureMessage(stamped.timestamp, body)
  const valid = await verify(key.publicKey, message, stamped.signature)
  return { key, valid, timestamp: stamped.timestamp }
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? []
  if (!isKeyName(name)) throw new ProofError('MALFORMED', 'not a signature line')
  const bytes = fromBase64(encoded)
  if (bytes.length <= KEY_ID_BYTES) throw new ProofError('MALFORMED', 'a signature line without a signature')
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) }
}
