// cspell:ignore xaludel
import { AllowedHosts, isLoopback } from '../../src/security/addresses'

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.5', false],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
])('knows whether %s can only be reached from this machine', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

test.each([
  ['https://aludel.example.com:8443/x', 'Write it as browsers send it: aludel.example.com:8443'],
  ['aludel.example.com/x', 'Write it as browsers send it: aludel.example.com'],
  ['', 'Write it as browsers send it: aludel.example.com'],
])('refuses "%s" as a name that it would never be asked for', (name, help) => {
  expect(() => new AllowedHosts([name])).toThrow(expect.objectContaining({ code: 'ALUDEL_USAGE', help }))
})

describe('names that a server answers to', () => {
  const hosts = new AllowedHosts(['aludel.example.com', 'proxy.example.com:8443', 'Port.example.com:443'])

  test.each([
    'localhost',
    'localhost:4983',
    'LOCALHOST:1',
    '127.0.0.1:4983',
    '[::1]:4983',
    'aludel.example.com',
    'aludel.example.com:443',
    'Aludel.Example.com:8080',
    'proxy.example.com:8443',
    'port.example.com',
  ])('are %s', (host) => {
    expect(hosts.accepts(host)).toBe(true)
  })

  test.each([
    undefined,
    '',
    'evil.example',
    'evil.example:4983',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost:4983@evil.example',
    'localhost evil.example',
    'localhost,evil.example',
    'aludel.example.com.evil.example',
    'xaludel.example.com',
    'proxy.example.com',
    'proxy.example.com:443',
    '192.168.1.5',
    '[::1',
    'localhost:',
    'localhost:abc',
  ])('are not %s', (host) => {
    expect(hosts.accepts(host)).toBe(false)
  })

  test.each([
    [undefined, 'localhost:4983'],
    ['http://localhost:4983', 'localhost:4983'],
    ['http://127.0.0.1:4983', '127.0.0.1:4983'],
    ['http://[::1]:4983', '[::1]:4983'],
    ['https://aludel.example.com', 'aludel.example.com'],
    ['https://aludel.example.com', 'aludel.example.com:443'],
    // The proxy has replaced Host.
    ['https://aludel.example.com', '127.0.0.1:4983'],
    ['https://proxy.example.com:8443', '127.0.0.1:4983'],
  ])('accept a page of %s for %s', (origin, host) => {
    expect(hosts.acceptsOrigin(origin, host)).toBe(true)
  })

  test.each([
    ['null', 'localhost:4983'],
    ['', 'localhost:4983'],
    ['http://localhost:3000', 'localhost:4983'],
    ['http://localhost', 'localhost:4983'],
    ['http://127.0.0.1:4983', 'localhost:4983'],
    ['https://evil.example', 'localhost:4983'],
    ['https://evil.example', 'aludel.example.com'],
    ['https://aludel.example.com.evil.example', 'aludel.example.com'],
    ['https://aludel.example.com:8443', 'aludel.example.com'],
    ['https://proxy.example.com', '127.0.0.1:4983'],
    ['file://localhost:4983', 'localhost:4983'],
    ['localhost:4983', 'localhost:4983'],
    ['http://localhost:4983/path', 'localhost:4983'],
    ['http://user@localhost:4983', 'localhost:4983'],
  ])('refuse a page of %s for %s', (origin, host) => {
    expect(hosts.acceptsOrigin(origin, host)).toBe(false)
  })
})
