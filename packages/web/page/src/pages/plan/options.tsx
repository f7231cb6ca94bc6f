import type { RunRequest } from '../../../../src/api/types'
import { Checkbox, Field } from '../../ui/fields'
import { Icon } from '../../ui/icon'

/** How a plan is run. */
export interface RunOptions {
  /** Undefined: as configured. */
  readonly backup: RunRequest['backup']
  readonly transaction: NonNullable<RunRequest['transaction']>
  /** Undefined: as configured. */
  readonly keepDropped: boolean | undefined
}

/** Options that most runs do not need. */
export function Options({
  direction,
  value,
  onChange,
}: {
  direction: RunRequest['direction']
  value: RunOptions
  onChange: (value: RunOptions) => void
}) {
  return (
    <details class="options">
      <summary>
        <Icon name="chevronRight" size={14} />
        Options
      </summary>
      <div class="options__fields">
        <Field label="Backup before it" hint="Auto: if something would be lost.">
          {(parts) => (
            <select
              {...parts}
              class="input"
              value={value.backup ?? ''}
              onChange={(event) => {
                const chosen = event.currentTarget.value
                onChange({ ...value, backup: chosen === '' ? undefined : (chosen as RunOptions['backup']) })
              }}
            >
              <option value="">As configured</option>
              <option value="auto">Auto</option>
              <option value="always">Always</option>
              <option value="never">Never</option>
            </select>
          )}
        </Field>
        <Field label="Transactions" hint="One for all: if a step fails, none has happened.">
          {(parts) => (
            <select
              {...parts}
              class="input"
              value={value.transaction}
              onChange={(event) => {
                onChange({ ...value, transaction: event.currentTarget.value as RunOptions['transaction'] })
              }}
            >
              <option value="each">One for each step</option>
              <option value="all">One for all steps</option>
            </select>
          )}
        </Field>
        {direction === 'upgrade' && (
          <div class="options__keep">
            <Checkbox
              checked={value.keepDropped ?? false}
              onChange={(keepDropped) => {
                onChange({ ...value, keepDropped })
              }}
            >
              Keep what is dropped
              <span class="field__hint options__hint">
                In the database, so that a downgrade gives it back with what was written since.
              </span>
            </Checkbox>
          </div>
        )}
      </div>
    </details>
  )
}
