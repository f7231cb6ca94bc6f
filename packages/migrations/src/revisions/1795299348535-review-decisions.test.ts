import { testRevision, type TestRow } from '@aludel/engine/testing'

const workflow: TestRow = {
  id: 'wf-1',
  type: 'threat_analysis',
  state: 'pending',
  created_at: new Date('2026-01-01T12:00:00Z'),
  updated_at: new Date('2026-01-01T12:00:00Z'),
}

const decision: TestRow = {
  id: 'c5b1f2a4-0000-4000-8000-000000000001',
  analysis_id: 'an-1',
  component_id: 'api',
  threat_id: 'T-1',
  original_decision: 'Accept',
  final_decision: 'Accept with Controls',
  reviewer: 'Ann Lee',
  justification: 'rate limits are in place',
  review_date: '2026-02-28',
  status: 'completed',
  created_at: new Date('2026-02-28T09:30:00Z'),
  updated_at: new Date('2026-02-28T09:30:00Z'),
}

/** Whether the table refuses a row. */
async function refuses(insert: Promise<void>): Promise<boolean> {
  return insert.then(
    () => false,
    () => true,
  )
}

export default testRevision({
  'leaves the core tables and their rows as they are': {
    before: { workflows: [workflow] },
    after: { workflows: [workflow], review_decisions: [] },
    back: 'as before',
  },
  'takes one decision for each threat to a component of an analysis': {
    async after(db) {
      await db.insert('review_decisions', decision)
      const other = { ...decision, id: 'c5b1f2a4-0000-4000-8000-000000000002' }
      if (!(await refuses(db.insert('review_decisions', other)))) throw new Error('took a second decision')
      await db.insert('review_decisions', { ...other, threat_id: 'T-2' })
      await db.expect('review_decisions', [decision, { ...other, threat_id: 'T-2', evidence_references: null }])
    },
  },
  'knows only the decisions and states of the model': {
    async after(db) {
      for (const wrong of [{ final_decision: 'Ignore' }, { status: 'done' }])
        if (!(await refuses(db.insert('review_decisions', { ...decision, ...wrong }))))
          throw new Error(`took ${JSON.stringify(wrong)}`)
      await db.expect('review_decisions', [])
    },
  },
})
