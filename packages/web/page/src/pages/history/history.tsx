export function History(_props: object) {
  return <h1>History</h1>
}
