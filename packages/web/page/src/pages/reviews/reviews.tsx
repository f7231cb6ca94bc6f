export function Reviews(_props: object) {
  return <h1>Reviews</h1>
}
