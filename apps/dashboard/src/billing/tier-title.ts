/** A plan's name as people read it. */
export function titleOf(tier: string): string {
  return tier.charAt(0).toUpperCase() + tier.slice(1)
}
