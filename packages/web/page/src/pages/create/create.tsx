export function Create(_props: object) {
  return <h1>Create</h1>
}
