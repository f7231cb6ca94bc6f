/** Why a backup was made. */
export const reasons = {
  requested: 'by hand',
  'before-upgrade': 'before an upgrade',
  'before-downgrade': 'before a downgrade',
  'before-restore': 'before a restore',
} as const
