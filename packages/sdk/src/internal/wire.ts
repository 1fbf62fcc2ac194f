import type { EndpointData, EndpointInput, EndpointShape } from '@pacspace/api/endpoint'

/**
 * The types of the API's endpoint definitions as they look on the wire. Types only: nothing of the definitions is
 * there at run time.
 */

/** Amounts become `Amount`, branded texts plain texts; everything else stays. */
export type OnWire<T, Amount> = unknown extends T
  ? T
  : T extends bigint
    ? Amount
    : T extends string
      ? PlainText<T>
      : T extends readonly (infer Item)[]
        ? OnWire<Item, Amount>[]
        : T extends object
          ? { [Name in keyof T]: OnWire<T[Name], Amount> }
          : T

/** A branded text as text; unions of literals stay what they are. */
type PlainText<T extends string> = T extends { readonly __brand: string } | { readonly __id: string }
  ? string
  : T

/** The `data` of an endpoint's answer. */
export type Answer<D extends EndpointShape, Amount> = OnWire<EndpointData<D>, Amount>

/** The body of an endpoint's request. */
export type Body<D extends EndpointShape, Amount> = OnWire<EndpointInput<D>['body'], Amount>

/** The query of an endpoint's request. */
export type Query<D extends EndpointShape, Amount> = OnWire<EndpointInput<D>['query'], Amount>

/** How answers write amounts: exact decimal strings, or numbers. */
export type AmountOf<Exact extends boolean> = Exact extends true ? string : number
