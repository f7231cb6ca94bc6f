// cspell:disable

/** A certificate for localhost that nobody trusts, and its key: for tests of HTTPS. Made by `openssl req -x509 -nodes -days 36500`. */
export const certificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUDTjhorQJOyR/yCO6SohpF56n654wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDA4MjAzNVoYDzIxMjYxMTA2
MDgyMDM1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQNGiKDlcxUYuBmlvSs7Fv3q1LK6163sclMtyUbzm0GV83Nzr1bpdNq
QK5t2VS6qQNlqxCeQtJ49uTm7IAcu6m+o1MwUTAdBgNVHQ4EFgQUb6+ifmOy9CUv
yknS+HlnMJwaqm0wHwYDVR0jBBgwFoAUb6+ifmOy9CUvyknS+HlnMJwaqm0wDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA9ln6wagXeYOsnGLXKFch
Qu8aaoqoEWezVETUo9/2pfACIA3f+cvqEnpl4pwlTM7WCqtBDFVG/fbBrYFapkc3
nVFT
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJi6nTfBKAB/dVnVT
lzF35xmnc5Ru3q1QrB7b+qDHtUmhRANCAAQNGiKDlcxUYuBmlvSs7Fv3q1LK6163
sclMtyUbzm0GV83Nzr1bpdNqQK5t2VS6qQNlqxCeQtJ49uTm7IAcu6m+
-----END PRIVATE KEY-----
`,
}
