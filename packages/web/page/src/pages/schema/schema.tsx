export function Schema(_props: object) {
  return <h1>Schema</h1>
}
