import type { Revisions, RunRequest } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { shortId } from '../../model/format'
import { useStatus } from '../../shell/status'
import { Combobox } from '../../ui/combobox'
import type { ComboOption } from '../../ui/combobox'
import { Segments } from '../../ui/fields'

type Direction = RunRequest['direction']

/** Where most people want to go. */
export function defaultTarget(direction: Direction, heads: number): string {
  if (direction === 'downgrade') return '-1'
  return heads > 1 ? 'heads' : 'head'
}

/** Direction, and a target of it: by name, or any revision that can be reached. */
export function TargetChooser({
  direction,
  target,
  onChange,
}: {
  direction: Direction
  target: string
  onChange: (direction: Direction, target: string | undefined) => void
}) {
  const { data } = useResource<Revisions>('/revisions')
  const heads = useStatus().data.value?.heads.length ?? 1
  const up = direction === 'upgrade'
  const rows = (data.value?.revisions ?? []).filter((row) => row.applied !== up)
  const options: ComboOption[] = [
    ...(up
      ? [
          heads > 1
            ? { value: 'heads', label: 'All heads', detail: 'heads' }
            : { value: 'head', label: 'Head: everything', detail: 'head' },
          { value: '+1', label: 'The next one only', detail: '+1' },
        ]
      : [
          { value: '-1', label: 'Undo the last one', detail: '-1' },
          { value: 'base', label: 'Base: undo everything', detail: 'base' },
        ]),
    ...rows.map((row) => ({
      value: row.revision,
      label: row.message,
      detail: shortId(row.revision),
      words: row.branchLabels?.join(' ') ?? '',
    })),
  ]
  return (
    <div class="target">
      <Segments<Direction>
        label="Direction"
        value={direction}
        options={[
          { value: 'upgrade', label: 'Upgrade' },
          { value: 'downgrade', label: 'Downgrade' },
        ]}
        onChange={(value) => {
          onChange(value, undefined)
        }}
      />
      <span class="muted" aria-hidden="true">
        to
      </span>
      <div class="target__field">
        <Combobox
          label="Target"
          value={target}
          options={options}
          placeholder="A revision"
          onChoose={(value) => {
            onChange(direction, value)
          }}
        />
      </div>
    </div>
  )
}
