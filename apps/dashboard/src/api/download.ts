import type { EndpointShape } from '@pacspace/api/endpoint'
import { saveFile } from '../ui/save-file.ts'
import { type CallOptions, callText } from './client.ts'
import type { EndpointRef, InputOf } from './endpoint-ref.ts'

/** Asks for an answer as it is, and gives it to the person as a file. Throws `ApiProblem`. */
export async function download<D extends EndpointShape>(
  endpoint: EndpointRef<D>,
  input: InputOf<D>,
  file: { readonly name: string; readonly type: string },
  options: CallOptions,
): Promise<void> {
  saveFile(file.name, await callText(endpoint, input, options), file.type)
}
