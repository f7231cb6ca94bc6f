export function PlanPage(_props: object) {
  return <h1>PlanPage</h1>
}
