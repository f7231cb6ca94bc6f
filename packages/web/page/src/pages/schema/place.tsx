import type { Revisions } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { shortId } from '../../model/format'
import { Combobox } from '../../ui/combobox'

/** Chooses the live database, the heads, or a revision. */
export function PlaceChooser({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const rows = useResource<Revisions>('/revisions').data.value?.revisions ?? []
  return (
    <div class="place">
      <span class="place__label" aria-hidden="true">
        {label}
      </span>
      <div class="place__field">
        <Combobox
          label={label}
          value={value}
          options={[
            { value: 'live', label: 'Live database', detail: 'live' },
            { value: 'heads', label: 'Heads: all revisions', detail: 'heads' },
            ...rows.map((row) => ({
              value: row.revision,
              label: row.message,
              detail: shortId(row.revision),
              words: row.branchLabels?.join(' ') ?? '',
            })),
          ]}
          onChoose={onChange}
        />
      </div>
    </div>
  )
}
