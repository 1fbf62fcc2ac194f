import { it } from 'node:test'
import { runSeeds } from './run-seeds.ts'

// Of its own, so that two processes share the work.
it('R31 whatever fails and dies on the way, all is as the model says: 500 more seeds', (t) =>
  runSeeds(t, 500))
