import type { EndpointData, EndpointInput, EndpointShape } from '@pacspace/api/endpoint'

/** An endpoint as the browser needs it. `D` is its definition's type: input and answer derive from it. */
export interface EndpointRef<D extends EndpointShape = EndpointShape> {
  readonly method: D['method']
  readonly path: string
  /** Never set; carries the type. */
  readonly definition?: D
}

/** Names an endpoint by method and path, with the type of its definition. */
export function endpoint<D extends EndpointShape>(method: D['method'], path: string): EndpointRef<D> {
  return { method, path }
}

/** A value as it travels: amounts are canonical decimal text, which the dashboard asks for. */
export type Wire<T> = T extends bigint
  ? string
  : T extends string // branded ones are objects too
    ? T
    : T extends readonly (infer Item)[]
      ? Wire<Item>[]
      : T extends object
        ? { [Key in keyof T]: Wire<T[Key]> }
        : T

/** `data` of an endpoint's answer, as the browser gets it. */
export type DataOf<D extends EndpointShape> = Wire<EndpointData<D>>

/** What a call takes: only the parts that the definition has. Values of the query are written by `String`. */
export type InputOf<D extends EndpointShape> = PartOf<D, 'params'> & PartOf<D, 'query'> & PartOf<D, 'body'>

type PartOf<D extends EndpointShape, Part extends 'params' | 'query' | 'body'> = D extends {
  readonly [Name in Part]: object
}
  ? IsOptional<EndpointInput<D>[Part]> extends true
    ? { readonly [Name in Part]?: Wire<EndpointInput<D>[Part]> }
    : { readonly [Name in Part]: Wire<EndpointInput<D>[Part]> }
  : unknown

type IsOptional<T> = Record<string, never> extends T ? true : false
