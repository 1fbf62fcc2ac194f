import type { Environment } from '@pacspace/api/environment'
import {
  BookOpen,
  CreditCard,
  FileDiff,
  KeyRound,
  LayoutDashboard,
  type LucideIcon,
  Milestone,
  Scale,
  ScrollText,
  Settings,
  Users,
  UsersRound,
  Webhook,
  Zap,
} from 'lucide-react'
import { paths } from '../paths.ts'

export interface Section {
  readonly title: string
  readonly icon: LucideIcon
  readonly path: (environment: Environment) => string
  /** Words that the command palette finds it by, beside its title. */
  readonly words: string
}

/** The sections of the dashboard, in groups, in the order of the navigation. */
export const sectionGroups: readonly (readonly Section[])[] = [
  [
    { title: 'Overview', icon: LayoutDashboard, path: paths.overview, words: 'home start' },
    { title: 'Quick start', icon: Zap, path: paths.quickStart, words: 'first delta curl sdk' },
    {
      title: 'Customers',
      icon: UsersRound,
      path: paths.customers,
      words: 'balances ledgers receipts export',
    },
    { title: 'Deltas', icon: FileDiff, path: paths.deltas, words: 'changes records proofs log export csv' },
    { title: 'Compare', icon: Scale, path: paths.compare, words: 'reconcile difference discrepancy dispute' },
    {
      title: 'Checkpoints',
      icon: Milestone,
      path: paths.checkpoints,
      words: 'month close lock period root snapshot',
    },
  ],
  [
    { title: 'API keys', icon: KeyRound, path: paths.keys, words: 'secrets rotate' },
    {
      title: 'Webhooks',
      icon: Webhook,
      path: paths.webhooks,
      words: 'events deliveries replay endpoint secret',
    },
    { title: 'Team', icon: Users, path: paths.team, words: 'members roles invite people' },
    { title: 'Activity', icon: ScrollText, path: paths.activity, words: 'audit log history who' },
  ],
  [
    { title: 'Usage & billing', icon: CreditCard, path: paths.billing, words: 'plan upgrade invoices' },
    {
      title: 'Settings',
      icon: Settings,
      path: paths.settings,
      words: 'environments activate profile password',
    },
    {
      title: 'API reference',
      icon: BookOpen,
      path: paths.apiReference,
      words: 'docs routes curl openapi endpoints',
    },
  ],
]
