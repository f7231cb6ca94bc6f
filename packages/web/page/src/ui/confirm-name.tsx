import { session } from '../api/session'
import { Field } from './fields'

/** What must be typed before something is lost: the name of the database. */
export function nameToType(): string {
  return session.value?.typedName ?? ''
}

/** A field for the name of the database. */
export function ConfirmName({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  return (
    <Field
      label={
        <>
          Type <strong class="mono">{nameToType()}</strong> to confirm
        </>
      }
    >
      {(parts) => (
        <input
          {...parts}
          class="input input--mono"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          data-autofocus
          value={value}
          onInput={(event) => {
            onInput(event.currentTarget.value)
          }}
        />
      )}
    </Field>
  )
}
