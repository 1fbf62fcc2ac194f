import type { Db, Rows, Statement } from '@pacspace/service/postgres'

/** A node of `explain (format json)`, as far as tests look at it. */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Shared Hit Blocks'?: number
  readonly 'Shared Read Blocks'?: number
  readonly Plans?: readonly PlanNode[]
}

/** What executing a statement cost, and what is wrong with how. */
export interface ExplainedPlan {
  readonly name: string
  /** Blocks of 8 kB that were read, from memory or disk, functions included. */
  readonly blocks: number
  /** Whole-table scans of tables that grow with the ledger, in the plan for these values or for any. */
  readonly scans: readonly string[]
}

/** Runs statements as they are, and explains each one on the way. */
export function explainingDb(db: Db, report: (plan: ExplainedPlan) => void, growing: readonly string[]): Db {
  return {
    async query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Rows<Row>> {
      const { name, text } = typeof statement === 'string' ? { name: statement, text: statement } : statement
      const ran = await explain(db, 'analyze, buffers', text, values)
      const any = await explain(db, 'generic_plan', text, undefined)
      report({
        name,
        blocks: (ran['Shared Hit Blocks'] ?? 0) + (ran['Shared Read Blocks'] ?? 0),
        scans: [...scansOf(ran, growing), ...scansOf(any, growing).map((scan) => `${scan} (any values)`)],
      })
      // Explaining it with `analyze` has run it: a row is not to be written twice.
      return text.startsWith('insert') ? { rows: [], rowCount: 0 } : db.query<Row>(text, values)
    },
  }
}

async function explain(
  db: Db,
  options: string,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<PlanNode> {
  const { rows } = await db.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
    `explain (${options}, format json) ${text}`,
    values,
  )
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan
  if (plan === undefined) throw new Error('explain explains nothing')
  return plan
}

function scansOf(node: PlanNode, growing: readonly string[]): string[] {
  const relation = node['Relation Name'] ?? ''
  const isScan = node['Node Type'] === 'Seq Scan' && growing.includes(relation)
  return [
    ...(isScan ? [`Seq Scan on ${relation}`] : []),
    ...(node.Plans ?? []).flatMap((child) => scansOf(child, growing)),
  ]
}
