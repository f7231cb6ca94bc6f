export function RunPage(_props: object) {
  return <h1>RunPage</h1>
}
