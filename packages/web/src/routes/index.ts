import { backupRoutes } from './backups'
import { createRoutes } from './create'
import { eventRoutes } from './events'
import { lintRoutes } from './lint'
import { planRoutes } from './plan'
import { reviewRoutes } from './reviews'
import { revisionRoutes } from './revisions'
import type { Route } from './route'
import { runRoutes } from './runs'
import { schemaRoutes } from './schema'
import { sessionRoutes } from './session'
import { statusRoutes } from './status'

/** All routes below `/api/v1`, in the order of the description. */
export const routes: readonly Route[] = [
  ...sessionRoutes,
  ...statusRoutes,
  ...revisionRoutes,
  ...planRoutes,
  ...lintRoutes,
  ...runRoutes,
  ...eventRoutes,
  ...createRoutes,
  ...schemaRoutes,
  ...backupRoutes,
  ...reviewRoutes,
]
