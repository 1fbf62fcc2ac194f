/**
 * Certificate and key of HTTPS receivers in tests: for receiver.test and 127.0.0.1, signed by itself, worth nothing to
 * anybody. Made by `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500`.
 */
export const receiverCertificate = `-----BEGIN CERTIFICATE-----
MIIBqDCCAU2gAwIBAgIUTa7l8k0pxJax+a2YwL5Qp4hCXK8wCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNcmVjZWl2ZXIudGVzdDAgFw0yNjExMjUxNDA5MjZaGA8yMTI2
MTEwMTE0MDkyNlowGDEWMBQGA1UEAwwNcmVjZWl2ZXIudGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABGgRlOUYywZwP5quYt873mEBvYwRzSh3MtJb28OsHwcV
bQMqqxumokpNtSDs8CJqOjeZJxmCZ7medXP+AvcUEm6jczBxMB0GA1UdDgQWBBS3
uIkJZKF8L3wiz+HpB4JH9QknMjAfBgNVHSMEGDAWgBS3uIkJZKF8L3wiz+HpB4JH
9QknMjAPBgNVHRMBAf8EBTADAQH/MB4GA1UdEQQXMBWCDXJlY2VpdmVyLnRlc3SH
BH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhAJt+db+soTTY1JJ6bxBFeENelm7425lf
8ZiDEQ+lxmX7AiEAgKLbfNNCCMsAzla3FYkuKz0KqZXbh4/bFHZP0JjLJ9M=
-----END CERTIFICATE-----
`

export const receiverKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpUiPmoCUNZ+mw9jP
/X4jfJeIIljOWuIm8X6l7x9MDpChRANCAARoEZTlGMsGcD+armLfO95hAb2MEc0o
dzLSW9vDrB8HFW0DKqsbpqJKTbUg7PAiajo3mScZgme5nnVz/gL3FBJu
-----END PRIVATE KEY-----
`
