import type { EndpointShape } from '@pacspace/api/endpoint'
import { saveFile } from '../ui/save-file.ts'
import { type CallOptions, callText } from './client.ts'
import type { EndpointRef, InputOf } from './endpoint-ref.ts'

/** A file of any size takes its time; what has not come by then will not. */
const FILE_MS_MAX = 30 * 60_000

/** Asks for an answer as it is, and gives it to the person as a file. Throws `ApiProblem`, also where it breaks off: half a file is never given. */
export async function download<D extends EndpointShape>(
  endpoint: EndpointRef<D>,
  input: InputOf<D>,
  file: { readonly name: string; readonly type: string },
  options: CallOptions,
): Promise<void> {
  saveFile(file.name, await callText(endpoint, input, { answerMsMax: FILE_MS_MAX, ...options }), file.type)
}
