export function Backups(_props: object) {
  return <h1>Backups</h1>
}
