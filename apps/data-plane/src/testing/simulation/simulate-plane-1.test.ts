import { it } from 'node:test'
import { runSeeds } from './run-seeds.ts'

it('R31 whatever fails and dies on the way, all is as the model says: 500 seeds', (t) => runSeeds(t, 500))
