export function Journal(_props: object) {
  return <h1>Journal</h1>
}
